/** The ambient world: chance and steady time, where an argument is left out. */
import { asyncScheduler } from 'rxjs'
import type { SchedulerLike } from 'rxjs'

/** The dice of the runtime: a uniform number in [0, 1), different in every run. */
export function systemRandom(): number {
  return Math.random()
}

/** The time on the wall, for people; nothing may depend on it. */
export function systemDate(): Date {
  return new Date()
}

/**
 * The `asyncScheduler` with a clock that never goes back: `now()` counts milliseconds since the
 * process began.
 */
export const monotonicScheduler: SchedulerLike = {
  now: () => performance.now(),
  schedule: asyncScheduler.schedule.bind(asyncScheduler),
}
