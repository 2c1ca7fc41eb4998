/** One direction of a simulated connection: how long frames take, and which of them arrive. */
import type { Cargo } from './sim-cargo.ts'
import type { SimNetwork } from './sim-network.ts'
import { toMicros } from './sim-process.ts'
import type { Pid } from '../model/pid.ts'
import { Due } from './virtual-clock.ts'
import { drawDelayMs } from './conditions.ts'

/** Cargo under way. */
class Parcel extends Due {
  readonly #direction: SimDirection
  readonly #cargo: Cargo
  readonly #era: number

  constructor(direction: SimDirection, cargo: Cargo, era: number) {
    super()
    this.#direction = direction
    this.#cargo = cargo
    this.#era = era
  }

  run(): void {
    this.#direction.arrive(this.#cargo, this.#era)
  }
}

/** Frames from one host to another, in order as TCP has it, but for what the conditions say. */
export class SimDirection {
  readonly #network: SimNetwork
  readonly #from: Pid
  readonly #to: Pid
  /** What waits until something passes again; undefined for nothing, as it is nearly always. */
  #waiting: Cargo[] | undefined = undefined
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

  send(cargo: Cargo): void {
    if (this.#waiting !== undefined || this.blocked) this.#wait(cargo)
    else this.#leave(cargo)
  }

  /** What was sent in this era is there. */
  arrive(cargo: Cargo, era: number): void {
    if (era !== this.#era) return
    // What is cut off on its way is sent again by TCP.
    if (this.#waiting !== undefined || this.blocked) this.#wait(cargo)
    else cargo.arrive()
  }

  /** What waits goes on, if something passes. */
  flow(): void {
    const waiting = this.#waiting
    if (waiting === undefined || this.blocked) return
    this.#waiting = undefined
    for (const cargo of waiting) this.#leave(cargo)
  }

  /** What is under way, and what waits, never arrives. */
  lose(): void {
    this.#era++
    this.#waiting = undefined
  }

  #wait(cargo: Cargo): void {
    this.#waiting ??= []
    this.#waiting.push(cargo)
  }

  #leave(cargo: Cargo): void {
    const { terrain, chance } = this.#network
    const { drop, duplicate } = terrain.conditions(this.#from, this.#to)
    if (!cargo.sure && drop > 0 && chance() < drop) return
    this.#travel(cargo)
    if (!cargo.sure && duplicate > 0 && chance() < duplicate) this.#travel(cargo)
  }

  #travel(cargo: Cargo): void {
    const { terrain, chance, clock } = this.#network
    const { delay, reorder, bandwidth } = terrain.conditions(this.#from, this.#to)
    const { nowMs } = clock
    if (bandwidth !== Infinity) {
      this.#freeMs = Math.max(this.#freeMs, nowMs) + (cargo.bytes / bandwidth) * 1000
    }
    const delayMs = drawDelayMs(delay, chance)
    let atMs = Math.max(nowMs, this.#freeMs) + delayMs
    if (!cargo.sure && reorder > 0 && chance() < reorder) {
      // Those behind it overtake it.
      atMs = Math.max(atMs, this.#lastMs) + (1 + 2 * chance()) * Math.max(1, delayMs)
    } else {
      atMs = Math.max(atMs, this.#lastMs)
      this.#lastMs = atMs
    }
    clock.put(toMicros(atMs), new Parcel(this, cargo, this.#era))
  }
}
