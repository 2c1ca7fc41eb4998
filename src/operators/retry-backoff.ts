/** The operator `retryBackoff`: tries again, after longer and longer waits. */
import { asyncScheduler, retry, timer } from 'rxjs'
import type { MonoTypeOperatorFunction, SchedulerLike } from 'rxjs'
import { nextDelayMs } from '../core/back-off.ts'
import type { Chance } from '../core/chance.ts'
import { checkNumber } from '../core/check-number.ts'
import { ambientChance } from '../ports/ambient.ts'

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
 * @param chance throws a uniform number in [0, 1) per wait
 * @param scheduler waits
 * @returns an operator whose subscription costs one subscription of the source at a time, or one
 *   timer
 */
export function retryBackoff<T>(
  options: RetryBackoffOptions,
  chance: Chance = ambientChance,
  scheduler: SchedulerLike = asyncScheduler,
): MonoTypeOperatorFunction<T> {
  const { count, baseMs, maxMs = 30_000, jitter = 1 } = options
  if (count !== Infinity) checkNumber('count', count, { least: 0, whole: true })
  checkNumber('baseMs', baseMs, { least: 0 })
  checkNumber('maxMs', maxMs, { least: 0 })
  checkNumber('jitter', jitter, { least: 0, most: 1 })
  return retry({
    count,
    delay: (_error, attempt) =>
      timer(nextDelayMs(attempt - 1, baseMs, maxMs, jitter, chance()), scheduler),
  })
}
