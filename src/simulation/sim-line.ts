/** One simulated connection: two directions, and what becomes of frames on their way. */
import type { ConnectionId, Frame } from '../ports/transport.ts'
import type { SimCaller, SimListener, SimNetwork } from './sim-network.ts'
import { OWN_PART_BYTES } from '../core/wire/entry.ts'
import type { Pid } from '../model/pid.ts'
import { SimDirection } from './sim-direction.ts'
import type { SimProcess } from './sim-process.ts'

/**
 * A connection: `calling`, until the other end has answered, then `open`, then over.
 *
 * An end hears of the end when the other one's farewell has reached it, in order behind all frames;
 * when the line snaps, both hear of it as soon as they run, and what was under way is lost.
 */
export class SimLine {
  readonly id: ConnectionId
  /** Grows with everything that arrives. */
  heardMs = 0
  readonly #network: SimNetwork
  readonly #caller: SimCaller
  #listener: SimListener | undefined
  #there: SimDirection | undefined
  #back: SimDirection | undefined
  #phase: 'calling' | 'open' | 'over' = 'calling'
  /** What each end has been told: `closed` and `gone` come once. */
  #callerTold = false

  constructor(network: SimNetwork, id: ConnectionId, caller: SimCaller) {
    this.#network = network
    this.#caller = caller
    this.id = id
    caller.process.soon(() => this.#call())
  }

  /** Tells whether one of its directions is blocked. */
  get stopped(): boolean {
    return this.#there?.blocked === true || this.#back?.blocked === true
  }

  touches(process: SimProcess): boolean {
    return this.#caller.process === process || this.#listener?.process === process
  }

  between(a: Pid, b: Pid): boolean {
    const [from, to] = [this.#caller.process.pid, this.#listener?.process.pid]
    return (from === a && to === b) || (from === b && to === a)
  }

  /** What waited because nothing passed goes on. */
  flow(): void {
    this.#there?.flow()
    this.#back?.flow()
  }

  /** From the caller. */
  send(frame: Frame): void {
    if (this.#phase !== 'open' || this.#callerTold) return
    const listener = this.#listener as SimListener
    if (!this.#fits(frame, listener.maxPartBytes)) return
    const copy = handedOver(frame)
    this.#there?.send(sizeOf(copy), () => {
      this.heardMs = this.#network.clock.nowMs
      if (listener.lines.get(this.id) === this) listener.listener.frame(this.id, copy)
    })
  }

  /** From the listener. */
  reply(frame: Frame): void {
    const { caller, maxPartBytes } = this.#caller
    if (this.#phase !== 'open' || !this.#fits(frame, maxPartBytes)) return
    const copy = handedOver(frame)
    this.#back?.send(sizeOf(copy), () => {
      this.heardMs = this.#network.clock.nowMs
      if (!this.#callerTold) caller.frame(copy)
    })
  }

  /** The caller hangs up; what it sent still arrives if it lingers. */
  hangUp(lingerMs: number): void {
    if (this.#phase === 'over') return
    const wasOpen = this.#phase === 'open'
    this.#phase = 'over'
    if (lingerMs <= 0) this.#there?.lose()
    this.#back?.lose()
    if (wasOpen) this.#there?.send(0, () => this.#gone(), true)
    this.#caller.process.soon(() => this.#closed('closed'))
  }

  /** The listener hangs up. */
  drop(lingerMs: number): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    if (lingerMs <= 0) this.#back?.lose()
    this.#there?.lose()
    this.#listener?.lines.delete(this.id)
    const reason = `${this.#caller.endpoint} has hung up`
    this.#back?.send(0, () => this.#closed(reason), true)
  }

  /** It breaks at both ends at once. */
  snap(reason: string): void {
    this.#phase = 'over'
    this.#there?.lose()
    this.#back?.lose()
    const listener = this.#listener
    if (listener !== undefined) listener.process.turn(() => this.#gone())
    this.#caller.process.turn(() => this.#closed(reason))
  }

  /** The process at one end is dead: what it sent still arrives, and then its end. */
  bury(process: SimProcess): void {
    if (!this.touches(process)) return
    this.#phase = 'over'
    const reason = 'the other process ended'
    if (this.#caller.process !== process) {
      this.#listener?.lines.delete(this.id)
      this.#back?.send(0, () => this.#closed(reason), true)
    } else {
      this.#callerTold = true
      this.#there?.send(0, () => this.#gone(), true)
    }
    this.#forget()
  }

  /** Both ends know: nothing of it is left. */
  #forget(): void {
    if (this.#callerTold && this.#listener?.lines.get(this.id) !== this) this.#network.over(this)
  }

  #call(): void {
    if (this.#phase === 'over') return
    const { endpoint, process } = this.#caller
    const listener = this.#network.find(endpoint)
    if (listener === undefined) return this.#refused()
    this.#listener = listener
    this.#there = new SimDirection(this.#network, process, listener.process)
    this.#back = new SimDirection(this.#network, listener.process, process)
    this.#there.send(0, () => this.#answer(listener), true)
  }

  #answer(listener: SimListener): void {
    if (this.#phase === 'over') return
    if (this.#network.find(this.#caller.endpoint) !== listener) return this.#refused()
    listener.lines.set(this.id, this)
    this.#back?.send(0, () => this.#open(), true)
  }

  #open(): void {
    if (this.#phase !== 'calling') return
    this.#phase = 'open'
    this.#caller.caller.opened()
  }

  #refused(): void {
    this.#phase = 'over'
    const { process, endpoint } = this.#caller
    const { clock } = this.#network
    clock.at(clock.nowMs + 1, () => {
      process.turn(() => this.#closed(`nobody listens at ${endpoint}`))
    })
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

/** Small parts are lent, and nobody writes to them again; large ones become the receiver's own. */
function handedOver(frame: Frame): Frame {
  if (frame.every((part) => part.byteLength < OWN_PART_BYTES)) return frame
  return frame.map((part) => (part.byteLength < OWN_PART_BYTES ? part : new Uint8Array(part)))
}

function sizeOf(frame: Frame): number {
  let bytes = 0
  for (const part of frame) bytes += part.byteLength
  return bytes
}
