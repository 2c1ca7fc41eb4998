/** One simulated connection: two directions, and what becomes of frames on their way. */
import type { Caller, Connection, ConnectionId, Frame } from '../ports/transport.ts'
import type { SimCaller, SimListener, SimNetwork } from './sim-network.ts'
import type { Pid } from '../model/pid.ts'
import { Shipment, Word } from './sim-cargo.ts'
import { SimDirection } from './sim-direction.ts'
import type { SimProcess } from './sim-process.ts'

/**
 * A connection: `calling`, until the other end has answered, then `open`, then over.
 *
 * An end hears of the end when the other one's farewell has reached it, in order behind all frames;
 * when the line snaps, both hear of it as soon as they run, and what was under way is lost.
 */
export class SimLine implements Connection {
  readonly id: ConnectionId
  /** Grows with everything that arrives. */
  heardMs = 0
  readonly #network: SimNetwork
  readonly #process: SimProcess
  readonly #endpoint: string
  readonly #caller: Caller
  readonly #maxPartBytes: number
  #listener: SimListener | undefined
  readonly #host: Pid
  readonly #there: SimDirection
  readonly #back: SimDirection
  #phase: 'calling' | 'open' | 'over' = 'calling'
  /** What each end has been told: `closed` and `gone` come once. */
  #callerTold = false
  /** It is among the lines of the listener. */
  #accepted = false

  constructor(network: SimNetwork, id: ConnectionId, caller: SimCaller) {
    this.#network = network
    this.#process = caller.process
    this.#endpoint = caller.endpoint
    this.#caller = caller.caller
    this.#maxPartBytes = caller.maxPartBytes
    this.#host = network.hostOf(caller.endpoint)
    const { pid } = caller.process
    this.#there = new SimDirection(network, pid, this.#host)
    this.#back = new SimDirection(network, this.#host, pid)
    this.id = id
    caller.process.soon(new Word(undefined, this, this.#call, undefined))
  }

  /** Tells whether one of its directions is blocked. */
  get stopped(): boolean {
    return this.#there.blocked || this.#back.blocked
  }

  touches(process: SimProcess): boolean {
    return this.#process === process || this.#listener?.process === process
  }

  between(a: Pid, b: Pid): boolean {
    const [from, to] = [this.#process.pid, this.#host]
    return (from === a && to === b) || (from === b && to === a)
  }

  /** What waited because nothing passed goes on. */
  flow(): void {
    this.#there.flow()
    this.#back.flow()
  }

  /** From the caller. */
  send(frame: Frame): void {
    if (this.#phase !== 'open' || this.#callerTold) return
    const listener = this.#listener as SimListener
    if (!this.#fits(frame, listener.maxPartBytes)) return
    this.#network.tap?.(this.#process.pid, this.#host, frame)
    this.#there.send(new Shipment(listener.process, this, this.#takeThere, frame))
  }

  /** From the listener. */
  reply(frame: Frame): void {
    if (this.#phase !== 'open' || !this.#fits(frame, this.#maxPartBytes)) return
    this.#network.tap?.(this.#host, this.#process.pid, frame)
    this.#back.send(new Shipment(this.#process, this, this.#takeHere, frame))
  }

  #takeThere(frame: Frame): void {
    this.heardMs = this.#network.clock.nowMs
    if (this.#accepted) this.#listener?.listener.frame(this.id, frame)
  }

  #takeHere(frame: Frame): void {
    this.heardMs = this.#network.clock.nowMs
    if (!this.#callerTold) this.#caller.frame(frame)
  }

  /** The caller hangs up; what it sent still arrives if it lingers. */
  close(lingerMs: number): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    if (lingerMs <= 0) this.#there.lose()
    this.#back.lose()
    this.#toListener()
    this.#process.soon(new Word(undefined, this, this.#closed, 'closed'))
  }

  /** The listener hangs up. */
  drop(lingerMs: number): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    if (lingerMs <= 0) this.#back.lose()
    this.#there.lose()
    this.#part()
    const reason = `${this.#endpoint} has hung up`
    this.#toCaller(this.#closed, reason)
  }

  /** It breaks at both ends at once. */
  snap(reason: string): void {
    this.#phase = 'over'
    this.#there.lose()
    this.#back.lose()
    const listener = this.#listener
    listener?.process.turn(() => this.#gone())
    this.#process.turn(() => this.#closed(reason))
  }

  /** The process at one end is dead: what it sent still arrives, and then its end. */
  bury(process: SimProcess): void {
    if (!this.touches(process)) return
    this.#phase = 'over'
    const reason = 'the other process ended'
    if (this.#process !== process) {
      this.#part()
      this.#toCaller(this.#closed, reason)
    } else {
      this.#callerTold = true
      this.#toListener()
    }
    this.#forget()
  }

  /** The listener has nothing to do with it any more. */
  #part(): void {
    this.#accepted = false
    this.#listener?.lines.delete(this.id)
  }

  /** Both ends know: nothing of it is left. */
  #forget(): void {
    if (this.#callerTold && !this.#accepted) this.#network.over(this)
  }

  #call(): void {
    if (this.#phase === 'over') return
    this.#network.tap?.(this.#process.pid, this.#host)
    this.#there.send(new Word(undefined, this, this.#arrive, undefined))
  }

  /** The call has reached the host. */
  #arrive(): void {
    if (this.#phase === 'over') return
    const listener = this.#network.find(this.#endpoint)
    if (listener === undefined) this.#refuse()
    else listener.process.turn(() => this.#answer(listener))
  }

  #answer(listener: SimListener): void {
    if (this.#phase === 'over') return
    if (this.#network.find(listener.endpoint) !== listener) return this.#refuse()
    this.#listener = listener
    listener.lines.set(this.id, this)
    this.#accepted = true
    this.#toCaller(this.#open, undefined)
  }

  #open(): void {
    if (this.#phase !== 'calling') return
    this.#phase = 'open'
    this.#caller.opened()
  }

  #refuse(): void {
    this.#phase = 'over'
    this.#toCaller(this.#closed, `nobody listens at ${this.#endpoint}`)
  }

  /** Surely, and in its own turn. */
  #toCaller<What>(take: (what: What) => void, what: What): void {
    this.#back.send(new Word(this.#process, this, take, what))
  }

  /** The end, behind all that was sent. */
  #toListener(): void {
    const process = this.#listener?.process
    if (process !== undefined) this.#there.send(new Word(process, this, this.#gone, undefined))
  }

  #closed(reason: string): void {
    if (this.#callerTold) return
    this.#callerTold = true
    this.#forget()
    this.#caller.closed(reason)
  }

  #gone(): void {
    if (!this.#accepted) return
    this.#part()
    this.#forget()
    this.#listener?.listener.gone(this.id)
  }

  #fits(frame: Frame, maxPartBytes: number): boolean {
    if (frame.length === 0) return false
    for (const { byteLength } of frame) {
      if (byteLength <= maxPartBytes) continue
      this.snap(`a part of a frame was larger than ${maxPartBytes} bytes`)
      return false
    }
    return true
  }
}
