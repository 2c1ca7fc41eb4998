/** A connection over ZeroMQ: one DEALER, which lives for one connection and never comes back. */
import type { Caller, Connection, Frame, TransportOptions } from '../../ports/transport.ts'
import type { Dealer, Event } from 'zeromq'
import { callable, isIpv6, resolved, written } from './address.ts'
import type { Address } from './address.ts'
import type { Sockets } from './sockets.ts'
import { aside } from './aside.ts'
import { type Problem, problemOf } from './problem.ts'
import { readFrames } from './read-frames.ts'
import { watchEvents } from './watch-events.ts'

/** libzmq has so long to report a handshake that failed, before we do. */
const GRACE_MS = 500

/** A connected DEALER. */
export class ZmqConnection implements Connection {
  readonly #sockets: Sockets
  readonly #endpoint: string
  readonly #caller: Caller
  #dealer: Dealer | undefined
  #opened = false
  /** The other side is gone; what has arrived is still read. */
  #lost = false
  /** Why it is over; from then on nobody is told anything but that. */
  #over: string | undefined
  #greeting: NodeJS.Timeout | undefined

  constructor(sockets: Sockets, endpoint: string, options: TransportOptions, caller: Caller) {
    this.#sockets = sockets
    this.#endpoint = endpoint
    this.#caller = caller
    sockets.promised++
    queueMicrotask(() => void this.#live(options))
  }

  /**
   * Never waits. A frame that cannot be sent ends the connection: a hole in the order would be
   * worse.
   */
  send(frame: Frame): void {
    if (!this.#opened || this.#lost || this.#over !== undefined || frame.length === 0) return
    try {
      this.#dealer?.send(frame as Uint8Array[]).catch(this.#unsent)
    } catch {
      this.#unsent()
    }
  }

  close(lingerMs: number): void {
    this.#end('closed', lingerMs)
  }

  /** From the first turn to the last: `closed` is told when nothing of the socket is left. */
  async #live(options: TransportOptions): Promise<void> {
    let failure: Problem | undefined
    try {
      const address = await this.#address()
      if (this.#over === undefined) await this.#dial(address, options)
    } catch (error) {
      failure = problemOf(error)
      this.#over ??= failure.message
    }
    const reason = this.#over ?? `the connection to ${this.#endpoint} was lost`
    aside(() => this.#caller.closed(reason, failure))
  }

  async #address(): Promise<Address> {
    try {
      return await resolved(callable(this.#endpoint))
    } finally {
      // Its socket comes next, in the same turn, or never.
      this.#sockets.promised--
    }
  }

  async #dial(address: Address, options: TransportOptions): Promise<void> {
    const dealer = this.#sockets.dealer(options, isIpv6(address))
    this.#dealer = dealer
    try {
      const released = watchEvents(dealer.events, (event) => this.#heed(event))
      this.#connect(dealer, written(address))
      await released
    } finally {
      clearTimeout(this.#greeting)
      dealer.close()
    }
  }

  #connect(dealer: Dealer, address: string): void {
    try {
      dealer.connect(address)
    } catch (error) {
      this.#end(problemOf(error).message, 0)
    }
  }

  #heed(event: Event): void {
    if (this.#over !== undefined) return
    switch (event.type) {
      case 'connect':
        return this.#expectGreeting()
      case 'handshake':
        return this.#open()
      case 'close':
      case 'close:error':
      case 'connect:retry':
      case 'disconnect':
        return this.#lose()
      case 'handshake:error:protocol':
      case 'handshake:error:auth':
      case 'handshake:error:other':
        return this.#end(`${this.#endpoint} did not greet: ${event.error.message}`, 0)
      default:
    }
  }

  /**
   * Gives the other side a limit: one that speaks an older protocol would otherwise stay half open
   * for ever. The limit is looked at after all that has already happened, lest a busy process takes
   * its own delay for silence.
   */
  #expectGreeting(): void {
    const patienceMs = this.#sockets.tuning.handshakeMs + GRACE_MS
    const giveUp = (): void => {
      if (!this.#opened) this.#end(`${this.#endpoint} did not greet in time`, 0)
    }
    this.#greeting = setTimeout(() => setImmediate(giveUp), patienceMs)
  }

  #open(): void {
    clearTimeout(this.#greeting)
    this.#opened = true
    aside(() => this.#caller.opened())
    if (this.#dealer !== undefined) void readFrames(this.#dealer, (parts) => this.#hear(parts))
  }

  #hear(parts: Buffer[]): void {
    if (this.#over !== undefined) return
    aside(() => this.#caller.frame(parts))
    if (this.#lost) this.#lose()
  }

  #lose(): void {
    this.#lost = true
    if (!this.#opened) this.#end(`nobody answers at ${this.#endpoint}`, 0)
    else if (!this.#readable()) this.#end(`the connection to ${this.#endpoint} was lost`, 0)
  }

  /** The caller may have closed it from within its last frame. */
  #readable(): boolean {
    return this.#over === undefined && this.#dealer?.readable === true
  }

  readonly #unsent = (): void => this.#end(`the connection to ${this.#endpoint} was lost`, 0)

  #end(reason: string, lingerMs: number): void {
    if (this.#over !== undefined) return
    this.#over = reason
    const dealer = this.#dealer
    if (dealer === undefined) return
    dealer.linger = lingerMs
    dealer.close()
  }
}
