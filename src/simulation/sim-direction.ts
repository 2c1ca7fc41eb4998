/** One direction of a simulated connection: how long frames take, and which of them arrive. */
import type { SimNetwork } from './sim-network.ts'
import { toMicros } from './sim-process.ts'
import { type Work, perform } from './virtual-clock.ts'
import type { Pid } from '../model/pid.ts'
import { drawDelayMs } from './conditions.ts'

interface Parcel {
  readonly bytes: number
  readonly arrive: Work
  /** Never lost, doubled or overtaken: the beginning and the end of a connection. */
  readonly sure: boolean
}

/** A parcel on its way; there may be many, so it is an object and not a closure. */
class Transit implements Parcel {
  readonly #direction: SimDirection
  readonly era: number
  readonly bytes: number
  readonly arrive: Work
  readonly sure: boolean

  constructor(direction: SimDirection, era: number, bytes: number, arrive: Work, sure: boolean) {
    this.#direction = direction
    this.era = era
    this.bytes = bytes
    this.arrive = arrive
    this.sure = sure
  }

  run(): void {
    this.#direction.arrived(this)
  }
}

/** Frames from one host to another, in order as TCP has it, but for what the conditions say. */
export class SimDirection {
  readonly #network: SimNetwork
  readonly #from: Pid
  readonly #to: Pid
  /** What waits until something passes again; undefined for nothing, as it is nearly always. */
  #waiting: Parcel[] | undefined = undefined
  /** What is sent now arrives no earlier. */
  #lastMs = 0
  /** The line is busy with what was sent before. */
  #freeMs = 0
  /** What is under way with another number than this is lost. */
  #era = 0

  constructor(network: SimNetwork, from: Pid, to: Pid) {
    this.#network = network
    this.#from = from
    this.#to = to
  }

  get blocked(): boolean {
    return this.#network.terrain.blocked(this.#from, this.#to)
  }

  /** @param sure it cannot be lost, but for the whole direction */
  send(bytes: number, arrive: Work, sure = false): void {
    if (this.#waiting !== undefined || this.blocked) this.#wait({ bytes, arrive, sure })
    else this.#leave(bytes, arrive, sure)
  }

  /** What waits goes on, if something passes. */
  flow(): void {
    const waiting = this.#waiting
    if (waiting === undefined || this.blocked) return
    this.#waiting = undefined
    for (const { bytes, arrive, sure } of waiting) this.#leave(bytes, arrive, sure)
  }

  /** What is under way, and what waits, never arrives. */
  lose(): void {
    this.#era++
    this.#waiting = undefined
  }

  #wait(parcel: Parcel): void {
    this.#waiting ??= []
    this.#waiting.push(parcel)
  }

  #leave(bytes: number, arrive: Work, sure: boolean): void {
    const { terrain, chance } = this.#network
    const { drop, duplicate } = terrain.conditions(this.#from, this.#to)
    if (!sure && drop > 0 && chance() < drop) return
    this.#travel(bytes, arrive, sure)
    if (!sure && duplicate > 0 && chance() < duplicate) this.#travel(bytes, arrive, sure)
  }

  #travel(bytes: number, arrive: Work, sure: boolean): void {
    const { terrain, chance, clock } = this.#network
    const { delay, reorder, bandwidth } = terrain.conditions(this.#from, this.#to)
    const { nowMs } = clock
    if (bandwidth !== Infinity) {
      this.#freeMs = Math.max(this.#freeMs, nowMs) + (bytes / bandwidth) * 1000
    }
    const delayMs = drawDelayMs(delay, chance)
    let atMs = Math.max(nowMs, this.#freeMs) + delayMs
    if (!sure && reorder > 0 && chance() < reorder) {
      // Those behind it overtake it.
      atMs = Math.max(atMs, this.#lastMs) + (1 + 2 * chance()) * Math.max(1, delayMs)
    } else {
      atMs = Math.max(atMs, this.#lastMs)
      this.#lastMs = atMs
    }
    clock.at(toMicros(atMs), new Transit(this, this.#era, bytes, arrive, sure))
  }

  /** Something has come to the end of its way. */
  arrived({ era, bytes, arrive, sure }: Transit): void {
    if (era !== this.#era) return
    // What is cut off on its way is sent again by TCP.
    if (this.#waiting !== undefined || this.blocked) this.#wait({ bytes, arrive, sure })
    else perform(arrive)
  }
}
