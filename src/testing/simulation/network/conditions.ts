/** Conditions: what every direction between two nodes is like at this moment. */
import type { Conditions, Path } from '../faults/fault.ts'
import type { Pid } from '../../../model/pid.ts'

/** What holds where nobody says otherwise. */
export const IDEAL_CONDITIONS: Conditions = {
  delay: { kind: 'fixed', ms: 1 },
  drop: 0,
  duplicate: 0,
  reorder: 0,
  bandwidth: Infinity,
}

/** Pids are below 2^20 here, so two of them make one whole number. */
const PID_RANGE = 2 ** 20

/** Names a direction. */
export function pathKey(from: Pid, to: Pid): number {
  return from * PID_RANGE + to
}

/** What the directions are like, and what passes. */
export class NetworkConditions {
  readonly #initial: Conditions
  /** What was said of all, of a sender, of a receiver, and of one direction; the later wins. */
  #shaped: { readonly path: Path; readonly changes: Partial<Conditions> }[] = []
  readonly #cache = new Map<number, Conditions>()
  readonly #cuts = new Set<number>()
  #groups: readonly ReadonlySet<Pid>[] | undefined

  constructor(initial: Conditions) {
    this.#initial = initial
  }

  /** What a frame meets on its way. */
  between(from: Pid, to: Pid): Conditions {
    if (this.#shaped.length === 0) return this.#initial
    const key = pathKey(from, to)
    let cached = this.#cache.get(key)
    if (cached === undefined) {
      cached = { ...this.#initial }
      for (const { path, changes } of this.#shaped) {
        const applies = (path.from ?? from) === from && (path.to ?? to) === to
        if (applies) cached = { ...cached, ...changes }
      }
      this.#cache.set(key, cached)
    }
    return cached
  }

  /** Tells whether nothing passes. */
  blocked(from: Pid, to: Pid): boolean {
    if (this.#cuts.size > 0 && this.#cuts.has(pathKey(from, to))) return true
    if (this.#groups === undefined || from === to) return false
    return !this.#groups.some((group) => group.has(from) && group.has(to))
  }

  cut(from: Pid, to: Pid): void {
    this.#cuts.add(pathKey(from, to))
  }

  restore(from: Pid, to: Pid): void {
    this.#cuts.delete(pathKey(from, to))
  }

  partition(groups: readonly (readonly Pid[])[]): void {
    this.#groups = groups.map((group) => new Set(group))
  }

  shape(path: Path, changes: Partial<Conditions>): void {
    this.#shaped.push({ path, changes })
    this.#cache.clear()
  }

  /** As it was in the beginning. */
  heal(): void {
    this.#cuts.clear()
    this.#groups = undefined
    this.#shaped = []
    this.#cache.clear()
  }
}
