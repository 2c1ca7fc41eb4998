/** Conditions: what every direction between two nodes is like at this moment. */
import type { Conditions, Delay, Way } from './fault.ts'
import type { Chance } from '../core/chance.ts'
import type { Pid } from '../model/pid.ts'
import { toMicros } from './sim-process.ts'

/** What holds where nobody says otherwise. */
export const CALM: Conditions = {
  delay: { kind: 'fixed', ms: 1 },
  drop: 0,
  duplicate: 0,
  reorder: 0,
  bandwidth: Infinity,
}

/** Pids are below 2^20 here, so two of them make one whole number. */
const PIDS = 2 ** 20

/** Names a direction. */
export function wayKey(from: Pid, to: Pid): number {
  return from * PIDS + to
}

/** What the directions are like, and what passes. */
export class Terrain {
  readonly #calm: Conditions
  /** What was said of all, of a sender, of a receiver, and of one direction; the later wins. */
  #shaped: { readonly way: Way; readonly conditions: Partial<Conditions> }[] = []
  readonly #known = new Map<number, Conditions>()
  readonly #cuts = new Set<number>()
  #groups: readonly ReadonlySet<Pid>[] | undefined

  constructor(calm: Conditions) {
    this.#calm = calm
  }

  /** What a frame meets on its way. */
  conditions(from: Pid, to: Pid): Conditions {
    if (this.#shaped.length === 0) return this.#calm
    const key = wayKey(from, to)
    let known = this.#known.get(key)
    if (known === undefined) {
      known = { ...this.#calm }
      for (const { way, conditions } of this.#shaped) {
        const applies = (way.from ?? from) === from && (way.to ?? to) === to
        if (applies) known = { ...known, ...conditions }
      }
      this.#known.set(key, known)
    }
    return known
  }

  /** Tells whether nothing passes. */
  blocked(from: Pid, to: Pid): boolean {
    if (this.#cuts.size > 0 && this.#cuts.has(wayKey(from, to))) return true
    if (this.#groups === undefined || from === to) return false
    return !this.#groups.some((group) => group.has(from) && group.has(to))
  }

  cut(from: Pid, to: Pid): void {
    this.#cuts.add(wayKey(from, to))
  }

  mend(from: Pid, to: Pid): void {
    this.#cuts.delete(wayKey(from, to))
  }

  partition(groups: readonly (readonly Pid[])[]): void {
    this.#groups = groups.map((group) => new Set(group))
  }

  shape(way: Way, conditions: Partial<Conditions>): void {
    this.#shaped.push({ way, conditions })
    this.#known.clear()
  }

  /** As it was in the beginning. */
  heal(): void {
    this.#cuts.clear()
    this.#groups = undefined
    this.#shaped = []
    this.#known.clear()
  }
}

/** Draws how long a frame takes, in milliseconds, to the microsecond. */
export function drawDelayMs(delay: Delay, chance: Chance): number {
  switch (delay.kind) {
    case 'fixed':
      return delay.ms
    case 'uniform':
      return toMicros(delay.fromMs + chance() * (delay.toMs - delay.fromMs))
    case 'exponential':
      return toMicros(-Math.log(1 - chance()) * delay.meanMs)
  }
}
