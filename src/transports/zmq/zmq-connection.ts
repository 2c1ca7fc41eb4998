/** A connection over ZeroMQ: one DEALER, which connects once and never reconnects. */
import { runtime } from '../../ports/runtime.ts'
import type { ConnectOptions, ConnectionHandler, Connection, Frame } from '../../ports/transport.ts'
import type { Dealer, Event } from 'zeromq'
import type { Endpoint } from '../../model/endpoint.ts'
import { formatAddress, isIpv6, parseAddress, resolveHost } from './address.ts'
import type { Sockets } from './sockets.ts'
import { callHandler } from './call-handler.ts'
import { endedHandshake, handshakeFailure } from './handshake-failure.ts'
import { type SystemError, toSystemError } from './system-error.ts'
import { readFrames } from './read-frames.ts'
import { monitorEvents } from './monitor-events.ts'

/** Leaves libzmq time to report a failed handshake with its own reason. */
const HANDSHAKE_GRACE_MS = 500

/** A connected DEALER. */
export class ZmqConnection implements Connection {
  readonly #sockets: Sockets
  readonly #endpoint: string
  readonly #handler: ConnectionHandler
  #dealer: Dealer | undefined
  #opened = false
  /** The other end is gone; frames that have arrived are still read. */
  #disconnected = false
  /** Set once; from then on `closed` is the only callback. */
  #closeReason: string | undefined
  #closeError: SystemError | undefined
  readonly #isKeyed: boolean
  #tcpConnected = false
  /** Ends the wait for a handshake slot; undefined before and after it. */
  #cancelWait: (() => void) | undefined
  #holdsSlot = false
  #handshakeTimer: NodeJS.Timeout | undefined

  constructor(
    sockets: Sockets,
    endpoint: string,
    options: ConnectOptions,
    handler: ConnectionHandler,
  ) {
    this.#sockets = sockets
    this.#endpoint = endpoint
    this.#handler = handler
    this.#isKeyed = options.security !== undefined
    sockets.pendingConnections++
    runtime.queueMicrotask(() => void this.#run(options))
  }

  /** Never waits. A frame that cannot be sent closes the connection: frames must have no gap. */
  send(frame: Frame): void {
    if (
      !this.#opened ||
      this.#disconnected ||
      this.#closeReason !== undefined ||
      frame.length === 0
    )
      return
    try {
      this.#dealer?.send(frame as Uint8Array[]).catch(this.#onSendFailed)
    } catch {
      this.#onSendFailed()
    }
  }

  close(lingerMs: number): void {
    this.#closeWith('closed', lingerMs)
  }

  /** Calls `closed` when the socket is released. */
  async #run(options: ConnectOptions): Promise<void> {
    try {
      const address = await this.#readyAddress()
      if (this.#closeReason === undefined) await this.#dial(address, options)
    } catch (error) {
      const failure = toSystemError(error)
      this.#closeReason ??= failure.message
      this.#closeError = failure
    }
    this.#releaseSlot()
    const reason = this.#closeReason ?? `the connection to ${this.#endpoint} was lost`
    callHandler(() => this.#handler.closed(reason, this.#closeError))
  }

  /** Returns the address once its socket may be opened. */
  async #readyAddress(): Promise<Endpoint> {
    try {
      const address = await resolveHost(parseAddress(this.#endpoint, 'connect'))
      if (this.#isKeyed && this.#closeReason === undefined) await this.#waitForSlot()
      return address
    } finally {
      // Its socket is opened in this same task, or never.
      this.#sockets.pendingConnections--
    }
  }

  #waitForSlot(): Promise<void> {
    const slots = this.#sockets.handshakeSlots
    return new Promise((resolve) => {
      const start = (): void => {
        this.#cancelWait = undefined
        this.#holdsSlot = true
        resolve()
      }
      this.#cancelWait = () => {
        if (slots.cancel(start)) resolve()
      }
      slots.request(start)
    })
  }

  #releaseSlot(): void {
    if (this.#holdsSlot) this.#sockets.handshakeSlots.release()
    this.#holdsSlot = false
  }

  async #dial(address: Endpoint, options: ConnectOptions): Promise<void> {
    const dealer = this.#sockets.createDealer(options, isIpv6(address))
    this.#dealer = dealer
    try {
      const released = monitorEvents(dealer.events, (event) => this.#onMonitorEvent(event))
      this.#connectDealer(dealer, formatAddress(address))
      await released
    } finally {
      runtime.clearTimeout(this.#handshakeTimer)
      dealer.close()
      this.#sockets.released(dealer)
    }
  }

  #connectDealer(dealer: Dealer, address: string): void {
    try {
      dealer.connect(address)
    } catch (error) {
      this.#closeWith(toSystemError(error).message, 0)
    }
  }

  #onMonitorEvent(event: Event): void {
    if (this.#closeReason !== undefined) return
    switch (event.type) {
      case 'connect':
        this.#tcpConnected = true
        return this.#startHandshakeTimer()
      case 'handshake':
        return this.#onHandshake()
      case 'close':
      case 'close:error':
      case 'connect:retry':
      case 'disconnect':
        return this.#onDisconnect()
      case 'handshake:error:protocol':
      case 'handshake:error:auth':
      case 'handshake:error:other':
        return this.#failWith(handshakeFailure(this.#endpoint, event, this.#isKeyed))
      default:
    }
  }

  /**
   * A peer of an older ZMTP version would stay half open for ever. `setImmediate` reads pending
   * events first, so that a stall of this process is not taken for silence.
   */
  #startHandshakeTimer(): void {
    const timeoutMs = this.#sockets.tuning.handshakeMs + HANDSHAKE_GRACE_MS
    const onTimeout = (): void => {
      if (!this.#opened)
        this.#closeWith(`${this.#endpoint} did not complete the handshake in time`, 0)
    }
    this.#handshakeTimer = runtime.setTimeout(() => runtime.setImmediate(onTimeout), timeoutMs)
  }

  #onHandshake(): void {
    runtime.clearTimeout(this.#handshakeTimer)
    this.#opened = true
    this.#releaseSlot()
    callHandler(() => this.#handler.opened())
    if (this.#dealer !== undefined) void readFrames(this.#dealer, (parts) => this.#onFrame(parts))
  }

  #onFrame(parts: Buffer[]): void {
    if (this.#closeReason !== undefined) return
    callHandler(() => this.#handler.frame(parts))
    if (this.#disconnected) this.#onDisconnect()
  }

  #onDisconnect(): void {
    this.#disconnected = true
    if (!this.#opened) this.#onEndedHandshake()
    else if (!this.#hasUnreadFrames())
      this.#closeWith(`the connection to ${this.#endpoint} was lost`, 0)
  }

  #onEndedHandshake(): void {
    if (this.#tcpConnected) this.#failWith(endedHandshake(this.#endpoint, this.#isKeyed))
    else this.#closeWith(`no answer from ${this.#endpoint}`, 0)
  }

  /** False once closed: the handler may close inside its last frame. */
  #hasUnreadFrames(): boolean {
    return this.#closeReason === undefined && this.#dealer?.readable === true
  }

  readonly #onSendFailed = (): void =>
    this.#closeWith(`the connection to ${this.#endpoint} was lost`, 0)

  #failWith(error: SystemError): void {
    this.#closeError ??= error
    this.#closeWith(error.message, 0)
  }

  #closeWith(reason: string, lingerMs: number): void {
    if (this.#closeReason !== undefined) return
    this.#closeReason = reason
    this.#cancelWait?.()
    const dealer = this.#dealer
    if (dealer === undefined) return
    dealer.linger = lingerMs
    dealer.close()
  }
}
