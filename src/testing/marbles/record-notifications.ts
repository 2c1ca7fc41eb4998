/** Records the notifications of observables in virtual time, including inner observables. */
import { marbleProblem } from './marble-test.ts'
import { isObservable } from 'rxjs'
import type { Observable, Subscription } from 'rxjs'
import type { TestScheduler } from 'rxjs/testing'

/** A notification and its frame. */
export type RecordedNotification =
  | { readonly frame: number; readonly kind: 'next'; readonly value: unknown }
  | { readonly frame: number; readonly kind: 'error'; readonly error: unknown }
  | { readonly frame: number; readonly kind: 'complete' }

/** The recorded notifications of one observable. */
export interface NotificationLog {
  readonly notifications: readonly RecordedNotification[]
  /** The frame of the unsubscription, or infinity. */
  readonly until: number
  /** The logs of the observables that it emitted, in order. */
  readonly inner: ReadonlyMap<Observable<unknown>, NotificationLog>
}

/** A result with more notifications is treated as endless. */
const NOTIFICATIONS_MAX = 500

/**
 * Records an observable between two frames.
 *
 * @param from the frame of the subscription
 * @param until the frame of the unsubscription; infinity for none
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
      throw marbleProblem(
        `a result emits more than ${NOTIFICATIONS_MAX} values: end it with "subscribe ^---!"`,
      )
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
