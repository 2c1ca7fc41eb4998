/** A connection over ZeroMQ: one DEALER, which lives for one connection and never comes back. */
import type {
  ConnectionHandler,
  Connection,
  Frame,
  TransportOptions,
} from '../../ports/transport.ts'
import type { Dealer, Event } from 'zeromq'
import { parseConnect, isIpv6, resolveHost, formatAddress } from './address.ts'
import type { Address } from './address.ts'
import type { Sockets } from './sockets.ts'
import { reportAsync } from './report-async.ts'
import { type SystemError, toSystemError } from './system-error.ts'
import { readFrames } from './read-frames.ts'
import { monitorEvents } from './monitor-events.ts'

/** libzmq has so long to report a handshake that failed, before we do. */
const HANDSHAKE_GRACE_MS = 500

/** A connected DEALER. */
export class ZmqConnection implements Connection {
  readonly #sockets: Sockets
  readonly #endpoint: string
  readonly #handler: ConnectionHandler
  #dealer: Dealer | undefined
  #opened = false
  /** The other side is gone; what has arrived is still read. */
  #disconnected = false
  /** Why it is over; from then on nobody is told anything but that. */
  #closeReason: string | undefined
  #handshakeTimer: NodeJS.Timeout | undefined

  constructor(
    sockets: Sockets,
    endpoint: string,
    options: TransportOptions,
    handler: ConnectionHandler,
  ) {
    this.#sockets = sockets
    this.#endpoint = endpoint
    this.#handler = handler
    sockets.pendingConnections++
    queueMicrotask(() => void this.#run(options))
  }

  /**
   * Never waits. A frame that cannot be sent ends the connection: a hole in the order would be
   * worse.
   */
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

  /** From the first turn to the last: `closed` is told when nothing of the socket is left. */
  async #run(options: TransportOptions): Promise<void> {
    let failure: SystemError | undefined
    try {
      const address = await this.#resolveAddress()
      if (this.#closeReason === undefined) await this.#dial(address, options)
    } catch (error) {
      failure = toSystemError(error)
      this.#closeReason ??= failure.message
    }
    const reason = this.#closeReason ?? `the connection to ${this.#endpoint} was lost`
    reportAsync(() => this.#handler.closed(reason, failure))
  }

  async #resolveAddress(): Promise<Address> {
    try {
      return await resolveHost(parseConnect(this.#endpoint))
    } finally {
      // Its socket comes next, in the same turn, or never.
      this.#sockets.pendingConnections--
    }
  }

  async #dial(address: Address, options: TransportOptions): Promise<void> {
    const dealer = this.#sockets.createDealer(options, isIpv6(address))
    this.#dealer = dealer
    try {
      const released = monitorEvents(dealer.events, (event) => this.#onMonitorEvent(event))
      this.#connectDealer(dealer, formatAddress(address))
      await released
    } finally {
      clearTimeout(this.#handshakeTimer)
      dealer.close()
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
        return this.#closeWith(`${this.#endpoint} did not greet: ${event.error.message}`, 0)
      default:
    }
  }

  /**
   * Gives the other side a limit: one that speaks an older protocol would otherwise stay half open
   * for ever. The limit is looked at after all that has already happened, lest a busy process takes
   * its own delay for silence.
   */
  #startHandshakeTimer(): void {
    const timeoutMs = this.#sockets.tuning.handshakeMs + HANDSHAKE_GRACE_MS
    const onTimeout = (): void => {
      if (!this.#opened) this.#closeWith(`${this.#endpoint} did not greet in time`, 0)
    }
    this.#handshakeTimer = setTimeout(() => setImmediate(onTimeout), timeoutMs)
  }

  #onHandshake(): void {
    clearTimeout(this.#handshakeTimer)
    this.#opened = true
    reportAsync(() => this.#handler.opened())
    if (this.#dealer !== undefined) void readFrames(this.#dealer, (parts) => this.#onFrame(parts))
  }

  #onFrame(parts: Buffer[]): void {
    if (this.#closeReason !== undefined) return
    reportAsync(() => this.#handler.frame(parts))
    if (this.#disconnected) this.#onDisconnect()
  }

  #onDisconnect(): void {
    this.#disconnected = true
    if (!this.#opened) this.#closeWith(`nobody answers at ${this.#endpoint}`, 0)
    else if (!this.#hasUnreadFrames())
      this.#closeWith(`the connection to ${this.#endpoint} was lost`, 0)
  }

  /** The caller may have closed it from within its last frame. */
  #hasUnreadFrames(): boolean {
    return this.#closeReason === undefined && this.#dealer?.readable === true
  }

  readonly #onSendFailed = (): void =>
    this.#closeWith(`the connection to ${this.#endpoint} was lost`, 0)

  #closeWith(reason: string, lingerMs: number): void {
    if (this.#closeReason !== undefined) return
    this.#closeReason = reason
    const dealer = this.#dealer
    if (dealer === undefined) return
    dealer.linger = lingerMs
    dealer.close()
  }
}
