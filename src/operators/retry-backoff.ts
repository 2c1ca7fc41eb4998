/** The operator `retryBackoff`. */
import { retry } from 'rxjs'
import type { MonoTypeOperatorFunction, SchedulerLike } from 'rxjs'
import { backOffDelayMs } from '../base/back-off.ts'
import type { Random } from '../base/seeded-random.ts'
import {
  A_FUNCTION,
  A_SCHEDULER,
  checkOptions,
  countFrom,
  numberFrom,
} from '../model/check-arguments.ts'
import { delayOf } from '../ports/long-timer.ts'
import { defaultScheduler, systemRandom } from '../ports/system.ts'

const OPTIONS = {
  required: { count: countFrom({ min: 0 }), baseMs: numberFrom({ min: 0 }) },
  optional: {
    maxMs: numberFrom({ min: 0 }),
    jitter: numberFrom({ min: 0, max: 1 }),
    random: A_FUNCTION,
    scheduler: A_SCHEDULER,
  },
}

/** Options of `retryBackoff`. */
export interface RetryBackoffOptions {
  /** How many retries: an integer of at least 0, or Infinity. */
  readonly count: number
  /** The longest first wait, in milliseconds; it doubles with each retry. */
  readonly baseMs: number
  /** The upper limit of a wait, in milliseconds. Default: 30,000. */
  readonly maxMs?: number | undefined
  /**
   * The random part of each wait, from 0 to 1: 0 waits the full time, 1 waits between nothing and
   * the full time. Default: 1.
   */
  readonly jitter?: number | undefined
  /** Returns a number in [0, 1), one per wait. Default: `Math.random`. */
  readonly random?: Random | undefined
  /** Schedules the waits. Default: `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined
}

/**
 * Subscribes again to a source that errors, with exponential back-off.
 *
 * ```ts usage
 * node.deliver({ pid: 2, msg: 'pay' })
 *   .pipe(retryBackoff({ count: 5, baseMs: 100 }))
 *   .subscribe((receipt) => console.log(receipt))
 * ```
 *
 * ```marbles
 * # it waits 2 ms, then 4 ms, then the error passes through
 * retryBackoff count=2 baseMs=2 jitter=0
 * source  -a#
 * ----
 * result  -a---a-----a#
 * ```
 *
 * The wait before retry n is a random part of `min(maxMs, baseMs * 2 ** (n - 1))`. After `count`
 * retries the next error passes through. Values do not reset the count. Completion passes through.
 * Unsubscribing during a wait ends it.
 *
 * Jitter keeps the retries of many clients apart (Brooker: "Exponential Backoff and Jitter", AWS
 * Architecture Blog, 2015). The default is its "full jitter".
 *
 * @param options the count, and waits in milliseconds
 * @returns an operator; a subscription costs one subscription of the source, or one timer while it
 *   waits
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { retryBackoff } from 'rx-cluster'
 * import { defer, of, throwError } from 'rxjs'
 *
 * let attempts = 0
 * const flaky = defer(() => (++attempts < 3 ? throwError(() => new Error('busy')) : of('done')))
 * // In a program, the source is node.deliver(envelope), for one.
 * flaky
 *   .pipe(retryBackoff({ count: 5, baseMs: 1, maxMs: 1_000 }))
 *   .subscribe((value) => console.log(value, attempts)) // done 3
 * ```
 * @see {@link request} has such retries as its option `retry`.
 */
export function retryBackoff<T>(options: RetryBackoffOptions): MonoTypeOperatorFunction<T> {
  checkOptions('retryBackoff', options, OPTIONS)
  const { count, baseMs, maxMs = 30_000, jitter = 1 } = options
  const { random = systemRandom, scheduler = defaultScheduler } = options
  return retry({
    count,
    delay: (_error, attempt) =>
      delayOf(backOffDelayMs(attempt - 1, baseMs, maxMs, jitter, random()), scheduler),
  })
}
