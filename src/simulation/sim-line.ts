/** One simulated connection: two directions, and what becomes of frames on their way. */
import type { Connection, ConnectionId, Frame } from '../ports/transport.ts'
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
  readonly #caller: SimCaller
  #listener: SimListener | undefined
  readonly #host: Pid
  readonly #there: SimDirection
  readonly #back: SimDirection
  #phase: 'calling' | 'open' | 'over' = 'calling'
  /** What each end has been told: `closed` and `gone` come once. */
  #callerTold = false

  constructor(network: SimNetwork, id: ConnectionId, caller: SimCaller) {
    this.#network = network
    this.#caller = caller
    this.#host = network.hostOf(caller.endpoint)
    const { pid } = caller.process
    this.#there = new SimDirection(network, pid, this.#host)
    this.#back = new SimDirection(network, this.#host, pid)
    this.id = id
    caller.process.soon(() => this.#call())
  }

  /** Tells whether one of its directions is blocked. */
  get stopped(): boolean {
    return this.#there.blocked || this.#back.blocked
  }

  touches(process: SimProcess): boolean {
    return this.#caller.process === process || this.#listener?.process === process
  }

  between(a: Pid, b: Pid): boolean {
    const [from, to] = [this.#caller.process.pid, this.#host]
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
    this.#there.send(new Shipment(listener.process, this, this.#takeThere, frame))
  }

  /** From the listener. */
  reply(frame: Frame): void {
    const { process, maxPartBytes } = this.#caller
    if (this.#phase !== 'open' || !this.#fits(frame, maxPartBytes)) return
    this.#back.send(new Shipment(process, this, this.#takeHere, frame))
  }

  #takeThere(frame: Frame): void {
    this.heardMs = this.#network.clock.nowMs
    const listener = this.#listener
    if (listener?.lines.get(this.id) === this) listener.listener.frame(this.id, frame)
  }

  #takeHere(frame: Frame): void {
    this.heardMs = this.#network.clock.nowMs
    if (!this.#callerTold) this.#caller.caller.frame(frame)
  }

  /** The caller hangs up; what it sent still arrives if it lingers. */
  close(lingerMs: number): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    if (lingerMs <= 0) this.#there.lose()
    this.#back.lose()
    this.#toListener()
    this.#caller.process.soon(() => this.#closed('closed'))
  }

  /** The listener hangs up. */
  drop(lingerMs: number): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    if (lingerMs <= 0) this.#back.lose()
    this.#there.lose()
    this.#listener?.lines.delete(this.id)
    const reason = `${this.#caller.endpoint} has hung up`
    this.#toCaller(() => this.#closed(reason))
  }

  /** It breaks at both ends at once. */
  snap(reason: string): void {
    this.#phase = 'over'
    this.#there.lose()
    this.#back.lose()
    const listener = this.#listener
    listener?.process.turn(() => this.#gone())
    this.#caller.process.turn(() => this.#closed(reason))
  }

  /** The process at one end is dead: what it sent still arrives, and then its end. */
  bury(process: SimProcess): void {
    if (!this.touches(process)) return
    this.#phase = 'over'
    const reason = 'the other process ended'
    if (this.#caller.process !== process) {
      this.#listener?.lines.delete(this.id)
      this.#toCaller(() => this.#closed(reason))
    } else {
      this.#callerTold = true
      this.#toListener()
    }
    this.#forget()
  }

  /** Both ends know: nothing of it is left. */
  #forget(): void {
    if (this.#callerTold && this.#listener?.lines.get(this.id) !== this) this.#network.over(this)
  }

  #call(): void {
    if (this.#phase === 'over') return
    this.#there.send({ bytes: 0, sure: true, arrive: () => this.#arrive() })
  }

  /** The call has reached the host. */
  #arrive(): void {
    if (this.#phase === 'over') return
    const listener = this.#network.find(this.#caller.endpoint)
    if (listener === undefined) this.#refuse()
    else listener.process.turn(() => this.#answer(listener))
  }

  #answer(listener: SimListener): void {
    if (this.#phase === 'over') return
    if (this.#network.find(listener.endpoint) !== listener) return this.#refuse()
    this.#listener = listener
    listener.lines.set(this.id, this)
    this.#toCaller(() => this.#open())
  }

  #open(): void {
    if (this.#phase !== 'calling') return
    this.#phase = 'open'
    this.#caller.caller.opened()
  }

  #refuse(): void {
    this.#phase = 'over'
    this.#toCaller(() => this.#closed(`nobody listens at ${this.#caller.endpoint}`))
  }

  /** Surely, and in its own turn. */
  #toCaller(work: () => void): void {
    this.#back.send(new Word(this.#caller.process, work))
  }

  /** The end, behind all that was sent. */
  #toListener(): void {
    const process = this.#listener?.process
    if (process !== undefined) this.#there.send(new Word(process, () => this.#gone()))
  }

  #closed(reason: string): void {
    if (this.#callerTold) return
    this.#callerTold = true
    this.#forget()
    this.#caller.caller.closed(reason)
  }

  #gone(): void {
    const listener = this.#listener
    if (listener?.lines.get(this.id) !== this) return
    listener.lines.delete(this.id)
    this.#forget()
    listener.listener.gone(this.id)
  }

  #fits(frame: Frame, maxPartBytes: number): boolean {
    if (frame.length === 0) return false
    if (frame.every((part) => part.byteLength <= maxPartBytes)) return true
    this.snap(`a part of a frame was larger than ${maxPartBytes} bytes`)
    return false
  }
}
