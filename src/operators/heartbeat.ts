/** The creation function `heartbeat`: something to say, again and again. */
import { asyncScheduler, map, timer } from 'rxjs'
import type { Observable, SchedulerLike } from 'rxjs'
import { checkNumber } from '../base/check-number.ts'

/**
 * Beats at once, and then at every interval.
 *
 * ```marbles
 * # a beat at once and one every 3 ms, until nobody listens
 * heartbeat 3
 * subscribe ^-------!
 * ----
 * result    a--b--c--
 * a = 0
 * b = 1
 * c = 2
 * ```
 *
 * It never completes by itself: end it with `takeUntil`. A `beat` that throws is its error. Every
 * subscriber has beats of its own, counted from 0.
 *
 * @param everyMs between two beats, in milliseconds, at least 1
 * @param project makes what is emitted, when it is emitted, so that it says how things stand then; it
 *   is told the number of the beat
 * @param scheduler keeps the time
 * @returns an observable whose subscription costs one timer
 */
export function heartbeat<T>(
  everyMs: number,
  project: (index: number) => T,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<T> {
  checkNumber('everyMs', everyMs, { min: 1 })
  return timer(0, everyMs, scheduler).pipe(map((index) => project(index)))
}
