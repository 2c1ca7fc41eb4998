/** The environment of a node: its time and its chance, as arguments. */
import type { SchedulerLike } from 'rxjs'

/**
 * Where a node takes time and chance from. Production has the real ones, simulation has virtual
 * ones from a seed.
 */
export interface Environment {
  /** Runs what has to wait. */
  readonly scheduler: SchedulerLike
  /** A uniform number in [0, 1). */
  random(): number
  /** A clock that never goes back, in milliseconds from any origin. */
  monotonicMs(): number
  /**
   * Runs `work` as soon as the present piece of work is done: a microtask in production. Must never
   * run it at once.
   */
  microtask(work: () => void): void
}
