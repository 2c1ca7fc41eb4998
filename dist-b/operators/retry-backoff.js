/** The operator `retryBackoff`: tries again, after longer and longer waits. */
import { asyncScheduler, retry, timer } from 'rxjs';
import { nextDelayMs } from '../core/back-off.js';
import { checkNumber } from '../core/check-number.js';
import { ambientChance } from '../ports/ambient.js';
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
export function retryBackoff(options, chance = ambientChance, scheduler = asyncScheduler) {
    const { count, baseMs, maxMs = 30_000, jitter = 1 } = options;
    if (count !== Infinity)
        checkNumber('count', count, { least: 0, whole: true });
    checkNumber('baseMs', baseMs, { least: 0 });
    checkNumber('maxMs', maxMs, { least: 0 });
    checkNumber('jitter', jitter, { least: 0, most: 1 });
    return retry({
        count,
        delay: (_error, attempt) => timer(nextDelayMs(attempt - 1, baseMs, maxMs, jitter, chance()), scheduler),
    });
}
