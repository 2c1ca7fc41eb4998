/** Records what comes out of observables on virtual time, inner streams included. */
import { isObservable } from 'rxjs'
import type { Observable, Subscription } from 'rxjs'
import type { TestScheduler } from 'rxjs/testing'

/** One thing that came out. */
export type RecordedNotification =
  | { readonly frame: number; readonly kind: 'next'; readonly value: unknown }
  | { readonly frame: number; readonly kind: 'error'; readonly error: unknown }
  | { readonly frame: number; readonly kind: 'complete' }

/** All that came out of one observable. */
export interface NotificationLog {
  readonly notifications: readonly RecordedNotification[]
  /** The frame at which it was left, or infinity. */
  readonly until: number
  /** The records of the streams that it emitted, in order. */
  readonly inner: ReadonlyMap<Observable<unknown>, NotificationLog>
}

/** More marks than anybody reads: what emits so many is taken to never end. */
const NOTIFICATIONS_MAX = 500

/**
 * Subscribes at a frame, and leaves at another.
 *
 * @param scheduler the virtual time
 * @param source what is recorded
 * @param from the frame of the subscription
 * @param until the frame of leaving; infinity for never
 */
export function recordNotifications(
  scheduler: TestScheduler,
  source: Observable<unknown>,
  from: number,
  until: number,
): NotificationLog {
  const notifications: RecordedNotification[] = []
  const inner = new Map<Observable<unknown>, NotificationLog>()
  let subscription: Subscription | undefined
  const append = (notification: RecordedNotification): void => {
    if (notifications.length >= NOTIFICATIONS_MAX) {
      subscription?.unsubscribe()
      throw new Error('a result does not end: cut it with "subscribe ^---!"')
    }
    notifications.push(notification)
  }
  const start = (): void => {
    subscription = source.subscribe({
      next(value) {
        append({ frame: scheduler.frame, kind: 'next', value })
        if (!isObservable(value) || inner.has(value)) return
        inner.set(value, recordNotifications(scheduler, value, scheduler.frame, until))
      },
      error: (error: unknown) => append({ frame: scheduler.frame, kind: 'error', error }),
      complete: () => append({ frame: scheduler.frame, kind: 'complete' }),
    })
  }
  if (from <= scheduler.frame) start()
  else scheduler.schedule(start, from - scheduler.frame)
  if (until !== Infinity) {
    scheduler.schedule(() => subscription?.unsubscribe(), until - scheduler.frame)
  }
  return { notifications, until, inner }
}
