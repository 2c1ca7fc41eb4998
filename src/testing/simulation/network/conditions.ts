/**
 * The current delay, loss, duplication, reordering, bandwidth and blocking of every path between
 * two nodes.
 */
import { type OptionalFields, defined } from '../../../base/defined.ts'
import type { Conditions, Path } from '../faults/fault.ts'
import type { Pid } from '../../../model/pid.ts'

/** The default conditions of every path, and those after a heal. */
export const IDEAL_CONDITIONS: Conditions = {
  delay: { kind: 'fixed', ms: 1 },
  drop: 0,
  duplicate: 0,
  reorder: 0,
  bandwidth: Infinity,
}

/** Pids of a simulation are below 2^20, so that two of them fit into one integer. */
const PID_RANGE = 2 ** 20

/** Returns a key for the path between two nodes. */
export function pathKey(from: Pid, to: Pid): number {
  return from * PID_RANGE + to
}

/** Holds the shaped conditions, cuts and partitions of a network. */
export class NetworkConditions {
  #initial: Conditions
  /** All changes in order; a later one overrides an earlier one of the same path. */
  #shaped: { readonly path: Path; readonly changes: Partial<Conditions> }[] = []
  readonly #cache = new Map<number, Conditions>()
  readonly #cuts = new Set<number>()
  #groups: readonly ReadonlySet<Pid>[] | undefined

  constructor(initial: Conditions) {
    this.#initial = initial
  }

  /** Sets the conditions of every path at the start and after a heal. */
  setInitial(initial: Conditions): void {
    this.#initial = initial
    this.#cache.clear()
  }

  /** Whether frames of a path may be lost. */
  get lossy(): boolean {
    return this.#initial.drop > 0 || this.#shaped.some(({ changes }) => (changes.drop ?? 0) > 0)
  }

  /** Returns the conditions for a frame. */
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

  /** Returns whether a cut or a partition blocks all frames. */
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

  shape(path: Path, changes: OptionalFields<Conditions>): void {
    this.#shaped.push({ path, changes: defined(changes) })
    this.#cache.clear()
  }

  /** Restores the initial conditions. */
  heal(): void {
    this.#cuts.clear()
    this.#groups = undefined
    this.#shaped = []
    this.#cache.clear()
  }
}
