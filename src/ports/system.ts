/** The default scheduler, random source, clock and environment, for callers that pass none. */
import { asyncScheduler } from 'rxjs'
import type { SchedulerLike } from 'rxjs'
import type { Environment } from './environment.ts'
import { runtime, runtimeScheduler } from './runtime.ts'

/** Returns a uniform number in [0, 1), different in every run. */
export function systemRandom(): number {
  return Math.random()
}

/** Returns the wall-clock time, for display only: no behaviour may depend on it. */
export function systemDate(): Date {
  return new Date()
}

/** A `TestScheduler` in run mode counts from 0, decades before any wall clock. */
const RUN_MODE_DIFFERENCE_MS = 86_400_000

/**
 * The `asyncScheduler` with a clock that never goes back: `now()` is the number of milliseconds
 * since the process started. While a `TestScheduler` is in run mode it is its virtual time, as
 * `schedule` is: time is either real or virtual, never both.
 */
export const defaultScheduler: SchedulerLike = {
  now: () => {
    const rxMs = asyncScheduler.now()
    return Math.abs(rxMs - Date.now()) < RUN_MODE_DIFFERENCE_MS ? performance.now() : rxMs
  },
  schedule: asyncScheduler.schedule.bind(asyncScheduler),
}

/** The environment of a node in production: its I/O goes on under fake timers of a test runner. */
export const systemEnvironment: Environment = {
  scheduler: runtimeScheduler,
  random: systemRandom,
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  monotonicMs: runtime.nowMs,
  microtask: (work) => runtime.queueMicrotask(work),
}
