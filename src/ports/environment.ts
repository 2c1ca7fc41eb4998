/** The environment port: time and randomness as arguments. */
import type { SchedulerLike } from 'rxjs'

/** Time and randomness: of the system in production, virtual and seeded in simulation. */
export interface Environment {
  /** Runs delayed work. */
  readonly scheduler: SchedulerLike
  /** Returns a uniform number in [0, 1). */
  random(): number
  /** Returns bytes that cannot be predicted. Default: made from `random`, for simulations. */
  randomBytes?(count: number): Uint8Array
  /** Returns milliseconds since any origin. The clock never goes back. */
  monotonicMs(): number
  /** Runs `work` after the current task, never at once: a microtask in production. */
  microtask(work: () => void): void
}

/** Returns `count` random bytes of an environment. */
export function randomBytes(
  environment: Pick<Environment, 'random' | 'randomBytes'>,
  count: number,
): Uint8Array {
  if (environment.randomBytes !== undefined) return environment.randomBytes(count)
  return Uint8Array.from({ length: count }, () => Math.floor(environment.random() * 256))
}
