/** The operator `retryBackoff`: tries again, after longer and longer waits. */
import { asyncScheduler, retry, timer } from 'rxjs'
import type { MonoTypeOperatorFunction, SchedulerLike } from 'rxjs'
import { backOffDelayMs } from '../base/back-off.ts'
import type { Random } from '../base/seeded-random.ts'
import { checkNumber } from '../base/check-number.ts'
import { systemRandom } from '../ports/system.ts'

/** How often to try again, and how long to wait before. */
export interface RetryBackoffOptions {
  /** How often to try again: an integer of at least 0, or Infinity. */
  readonly count: number
  /** The first wait, in milliseconds; it doubles with each attempt. */
  readonly baseMs: number
  /** The longest wait, in milliseconds. Default: 30,000. */
  readonly maxMs?: number
  /**
   * The part of each wait that is left to chance, 0 to 1. Default: 1, anything from nothing to all
   * of it.
   */
  readonly jitter?: number
  /** Returns a number in [0, 1), one per wait. Default: `Math.random`. */
  readonly random?: Random
  /** Schedules the waits. Default: `asyncScheduler`. */
  readonly scheduler?: SchedulerLike
}

/**
 * Subscribes again to a source that failed, with exponential back-off.
 *
 * ```marbles
 * # it waits 2 ms, then 4 ms, then gives up
 * retryBackoff count=2 baseMs=2 jitter=0
 * source  -a#
 * ----
 * result  -a---a-----a#
 * ```
 *
 * The last error passes through once `count` attempts more have failed. Completion passes through
 * at once. Values never reset the count. Unsubscribing while it waits ends the wait.
 *
 * @param options the count, and waits in milliseconds
 * @param random throws a uniform number in [0, 1) per wait
 * @param scheduler waits
 * @returns an operator whose subscription costs one subscription of the source at a time, or one
 *   timer
 */
export function retryBackoff<T>(options: RetryBackoffOptions): MonoTypeOperatorFunction<T> {
  const { count, baseMs, maxMs = 30_000, jitter = 1 } = options
  const { random = systemRandom, scheduler = asyncScheduler } = options
  if (count !== Infinity) checkNumber('count', count, { min: 0, integer: true })
  checkNumber('baseMs', baseMs, { min: 0 })
  checkNumber('maxMs', maxMs, { min: 0 })
  checkNumber('jitter', jitter, { min: 0, max: 1 })
  return retry({
    count,
    delay: (_error, attempt) =>
      timer(backOffDelayMs(attempt - 1, baseMs, maxMs, jitter, random()), scheduler),
  })
}
