/** A simulated connection: two channels, and the state of both ends. */
import type {
  BindingHandler,
  ConnectionHandler,
  Connection,
  ConnectionId,
  Frame,
} from '../../../ports/transport.ts'
import {
  type BindingSecurity,
  type ConnectionSecurity,
  type KeyRefusal,
  keyRefusal,
} from '../../../ports/connection-security.ts'
import type { Pid } from '../../../model/pid.ts'
import { FramePacket, ControlPacket } from './packets.ts'
import { type Medium, SimChannel } from './channel.ts'
import type { SimProcess } from '../cluster/sim-process.ts'

/** A bound endpoint of a process, with its accepted connections. */
export interface SimListener {
  readonly process: SimProcess
  readonly endpoint: string
  readonly handler: BindingHandler
  readonly maxPartBytes: number
  readonly security: BindingSecurity | undefined
  readonly connections: Map<ConnectionId, SimConnection>
}

/** The dialing end of a connection. */
export interface SimDialer {
  readonly process: SimProcess
  readonly endpoint: string
  readonly handler: ConnectionHandler
  readonly maxPartBytes: number
  readonly security: ConnectionSecurity | undefined
}

/** What a connection needs of the network that it is part of. */
export interface ConnectionHost extends Medium {
  /** Observes every frame that leaves a process, and every dial, which has no frame. */
  readonly tap: ((from: Pid, to: Pid, frame?: Frame) => void) | undefined
  listenerAt(endpoint: string): SimListener | undefined
  /** The pid of the host in an endpoint; 0, which no process has, if it names none. */
  pidOf(endpoint: string): Pid
  remove(connection: SimConnection): void
}

/**
 * A connection: `dialing` until the listener accepts it, then `open`, then `closed`.
 *
 * When one end closes it, the other end is notified after all frames that were sent before. When it
 * is severed, both ends are notified as soon as they run, and frames on the wire are lost.
 */
export class SimConnection implements Connection {
  readonly id: ConnectionId
  /** When a frame last arrived at either end. */
  lastReceivedMs = 0
  readonly #host: ConnectionHost
  readonly #process: SimProcess
  readonly #endpoint: string
  readonly #handler: ConnectionHandler
  readonly #maxPartBytes: number
  readonly #security: ConnectionSecurity | undefined
  #listener: SimListener | undefined
  readonly #listenerPid: Pid
  readonly #toListener: SimChannel
  readonly #toDialer: SimChannel
  #phase: 'dialing' | 'open' | 'closed' = 'dialing'
  /** Whether the dialer was notified of the end, which happens once. */
  #dialerClosed = false
  /** Whether the listener has it among its connections. */
  #isAccepted = false

  constructor(host: ConnectionHost, id: ConnectionId, dialer: SimDialer) {
    this.#host = host
    this.#process = dialer.process
    this.#endpoint = dialer.endpoint
    this.#handler = dialer.handler
    this.#maxPartBytes = dialer.maxPartBytes
    this.#security = dialer.security
    this.#listenerPid = host.pidOf(dialer.endpoint)
    const { pid } = dialer.process
    this.#toListener = new SimChannel(host, pid, this.#listenerPid)
    this.#toDialer = new SimChannel(host, this.#listenerPid, pid)
    this.id = id
    dialer.process.microtask(new ControlPacket(undefined, this, this.#dial, undefined))
  }

  /** Whether at least one of its directions is blocked. */
  get blocked(): boolean {
    return this.#toListener.blocked || this.#toDialer.blocked
  }

  touches(process: SimProcess): boolean {
    return this.#process === process || this.#listener?.process === process
  }

  between(a: Pid, b: Pid): boolean {
    const [from, to] = [this.#process.pid, this.#listenerPid]
    return (from === a && to === b) || (from === b && to === a)
  }

  /** Sends held packets, where the path is no longer blocked. */
  resume(): void {
    this.#toListener.resume()
    this.#toDialer.resume()
  }

  /** Sends a frame from the dialer to the listener. */
  send(frame: Frame): void {
    if (this.#phase !== 'open' || this.#dialerClosed) return
    const listener = this.#listener as SimListener
    if (!this.#fits(frame, listener.maxPartBytes)) return
    this.#host.tap?.(this.#process.pid, this.#listenerPid, frame)
    this.#toListener.send(new FramePacket(listener.process, this, this.#deliverToListener, frame))
  }

  /** Sends a frame from the listener to the dialer. */
  reply(frame: Frame): void {
    if (this.#phase !== 'open' || !this.#fits(frame, this.#maxPartBytes)) return
    this.#host.tap?.(this.#listenerPid, this.#process.pid, frame)
    this.#toDialer.send(new FramePacket(this.#process, this, this.#deliverToDialer, frame))
  }

  #deliverToListener(frame: Frame): void {
    this.lastReceivedMs = this.#host.clock.nowMs
    if (this.#isAccepted) this.#listener?.handler.frame(this.id, frame)
  }

  #deliverToDialer(frame: Frame): void {
    this.lastReceivedMs = this.#host.clock.nowMs
    if (!this.#dialerClosed) this.#handler.frame(frame)
  }

  /** Closes it from the dialer; sent frames still arrive if `lingerMs > 0`. */
  close(lingerMs: number): void {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    if (lingerMs <= 0) this.#toListener.discard()
    this.#toDialer.discard()
    this.#sendEndToListener()
    this.#process.microtask(new ControlPacket(undefined, this, this.#onClosed, 'closed'))
  }

  /** Closes it from the listener; sent frames still arrive if `lingerMs > 0`. */
  closeFromListener(lingerMs: number): void {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    if (lingerMs <= 0) this.#toDialer.discard()
    this.#toListener.discard()
    this.#detachListener()
    const reason = `${this.#endpoint} closed the connection`
    this.#sendToDialer(this.#onClosed, reason)
  }

  /** Breaks it at both ends at once. */
  sever(reason: string): void {
    this.#phase = 'closed'
    this.#toListener.discard()
    this.#toDialer.discard()
    const listener = this.#listener
    listener?.process.run(() => this.#onDisconnected())
    this.#process.run(() => this.#onClosed(reason))
  }

  /** Ends it because a process died: the other end still receives what was sent before. */
  onProcessDied(process: SimProcess): void {
    if (!this.touches(process)) return
    this.#phase = 'closed'
    const reason = 'the other process ended'
    if (this.#process !== process) {
      this.#detachListener()
      this.#sendToDialer(this.#onClosed, reason)
    } else {
      this.#dialerClosed = true
      this.#sendEndToListener()
    }
    this.#releaseIfClosed()
  }

  /** Removes it from the connections of the listener. */
  #detachListener(): void {
    this.#isAccepted = false
    this.#listener?.connections.delete(this.id)
  }

  /** Removes it from the network once both ends were notified. */
  #releaseIfClosed(): void {
    if (this.#dialerClosed && !this.#isAccepted) this.#host.remove(this)
  }

  #dial(): void {
    if (this.#phase === 'closed') return
    this.#host.tap?.(this.#process.pid, this.#listenerPid)
    this.#toListener.send(new ControlPacket(undefined, this, this.#onDialArrived, undefined))
  }

  /** Runs when the dial has reached the host. */
  #onDialArrived(): void {
    if (this.#phase === 'closed') return
    const listener = this.#host.listenerAt(this.#endpoint)
    if (listener === undefined) this.#refuse()
    else listener.process.run(() => this.#accept(listener))
  }

  #accept(listener: SimListener): void {
    if (this.#phase === 'closed') return
    if (this.#host.listenerAt(listener.endpoint) !== listener) return this.#refuse()
    const refusal = keyRefusal(this.#endpoint, listener.security, this.#security)
    if (refusal !== undefined) return this.#refuse(refusal)
    this.#listener = listener
    listener.connections.set(this.id, this)
    this.#isAccepted = true
    this.#sendToDialer(this.#onAccepted, undefined)
  }

  #onAccepted(): void {
    if (this.#phase !== 'dialing') return
    this.#phase = 'open'
    this.#handler.opened()
  }

  #refuse(error?: KeyRefusal): void {
    this.#phase = 'closed'
    if (error !== undefined) this.#sendToDialer(this.#onKeyRefused, error)
    else this.#sendToDialer(this.#onClosed, `no listener at ${this.#endpoint}`)
  }

  /** Sends a control packet, which is never lost. */
  #sendToDialer<Argument>(handler: (argument: Argument) => void, argument: Argument): void {
    this.#toDialer.send(new ControlPacket(this.#process, this, handler, argument))
  }

  /** Notifies the listener of the end, after all frames that were sent before. */
  #sendEndToListener(): void {
    const process = this.#listener?.process
    if (process !== undefined)
      this.#toListener.send(new ControlPacket(process, this, this.#onDisconnected, undefined))
  }

  #onClosed(reason: string, error?: KeyRefusal): void {
    if (this.#dialerClosed) return
    this.#dialerClosed = true
    this.#releaseIfClosed()
    this.#handler.closed(reason, error)
  }

  #onKeyRefused(error: KeyRefusal): void {
    this.#onClosed(error.message, error)
  }

  #onDisconnected(): void {
    if (!this.#isAccepted) return
    this.#detachListener()
    this.#releaseIfClosed()
    this.#listener?.handler.disconnected(this.id)
  }

  #fits(frame: Frame, maxPartBytes: number): boolean {
    if (frame.length === 0) return false
    for (const { byteLength } of frame) {
      if (byteLength <= maxPartBytes) continue
      this.sever(`a part of a frame was larger than ${maxPartBytes} bytes`)
      return false
    }
    return true
  }
}
