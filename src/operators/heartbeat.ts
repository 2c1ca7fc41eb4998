/** The creation function `heartbeat`. */
import { map } from 'rxjs'
import type { Observable, SchedulerLike } from 'rxjs'
import { A_FUNCTION, A_SCHEDULER, checkArgument, numberFrom } from '../model/check-arguments.ts'
import { everyInterval } from '../ports/long-timer.ts'
import { defaultScheduler } from '../ports/system.ts'

/**
 * Emits a value at once, and one more at every interval.
 *
 * ```ts usage
 * heartbeat(1_000, (index) => ({ type: 'beat', index }))
 *   .pipe(broadcast())
 *   .subscribe(node.outbox)
 * ```
 *
 * ```marbles
 * # a value at once and one every 3 ms, until the subscriber leaves
 * heartbeat 3
 * subscribe ^-------!
 * ----
 * result    a--b--c--
 * a = 0
 * b = 1
 * c = 2
 * ```
 *
 * It never completes: end it with `takeUntil` or by unsubscribing. It errors with what `project`
 * throws. Each subscription has a timer and a count of its own.
 *
 * @param everyMs the interval, in milliseconds, at least 1; with `Infinity` it emits once
 * @param project makes each value at the moment when it is emitted; gets the index, counted from 0
 * @param scheduler schedules the emissions
 * @returns an Observable; a subscription costs one timer
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { broadcast, heartbeat } from 'rx-cluster'
 * import { take } from 'rxjs'
 *
 * const beats = heartbeat(10, (index) => ({ type: 'beat', index })).pipe(broadcast())
 * // In a program: beats.subscribe(node.outbox)
 * beats.pipe(take(2)).subscribe(({ msg }) => console.log(msg)) // { type: 'beat', index: 0 }
 * // { type: 'beat', index: 1 }
 * ```
 * @see {@link detectFailures} finds the peers whose heartbeats stopped.
 */
export function heartbeat<T>(
  everyMs: number,
  project: (index: number) => T,
  scheduler: SchedulerLike = defaultScheduler,
): Observable<T> {
  checkArgument('heartbeat', 'everyMs', everyMs, numberFrom({ min: 1 }))
  checkArgument('heartbeat', 'project', project, A_FUNCTION)
  checkArgument('heartbeat', 'scheduler', scheduler, A_SCHEDULER)
  return everyInterval(everyMs, scheduler).pipe(map((index) => project(index)))
}
