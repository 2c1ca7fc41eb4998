/** Schedules work after a delay of any length; a timer of Node.js waits at most 24.8 days. */
import { Observable, Subscription, timer } from 'rxjs'
import type { SchedulerAction, SchedulerLike } from 'rxjs'

/** The longest delay of a timer of Node.js, in milliseconds: a longer one fires at once. */
export const TIMER_MS_MAX = 2 ** 31 - 1

/**
 * Runs `work` once, after a delay of any length. `Infinity` means never, and sets no timer.
 *
 * @returns unsubscribing cancels it
 */
export function scheduleAfter(
  scheduler: SchedulerLike,
  work: () => void,
  delayMs: number,
): Subscription {
  if (delayMs <= TIMER_MS_MAX) return scheduler.schedule(work, delayMs)
  if (delayMs === Infinity) return new Subscription()
  let restMs = delayMs - TIMER_MS_MAX
  return scheduler.schedule(function (this: SchedulerAction<unknown>) {
    if (restMs <= 0) return work()
    const partMs = Math.min(restMs, TIMER_MS_MAX)
    restMs -= partMs
    this.schedule(undefined, partMs)
  }, TIMER_MS_MAX)
}

/** Returns an Observable that emits once after a delay of any length, and completes. */
export function delayOf(delayMs: number, scheduler: SchedulerLike): Observable<0> {
  if (delayMs <= TIMER_MS_MAX) return timer(delayMs, scheduler)
  return new Observable((subscriber) =>
    scheduleAfter(
      scheduler,
      () => {
        subscriber.next(0)
        subscriber.complete()
      },
      delayMs,
    ),
  )
}

/** Returns an Observable that emits 0 at once, and 1, 2, … after intervals of any length. */
export function everyInterval(everyMs: number, scheduler: SchedulerLike): Observable<number> {
  if (everyMs <= TIMER_MS_MAX) return timer(0, everyMs, scheduler)
  return new Observable((subscriber) => {
    let index = 0
    let pending: Subscription | undefined
    const emit = (): void => {
      subscriber.next(index++)
      if (!subscriber.closed) pending = scheduleAfter(scheduler, emit, everyMs)
    }
    subscriber.add(() => pending?.unsubscribe())
    pending = scheduler.schedule(emit)
  })
}
