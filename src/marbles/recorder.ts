/** Records what comes out of observables on virtual time, inner streams included. */
import { isObservable } from 'rxjs'
import type { Observable, Subscription } from 'rxjs'
import type { TestScheduler } from 'rxjs/testing'

/** One thing that came out. */
export type Seen =
  | { readonly frame: number; readonly kind: 'next'; readonly value: unknown }
  | { readonly frame: number; readonly kind: 'error'; readonly error: unknown }
  | { readonly frame: number; readonly kind: 'complete' }

/** All that came out of one observable. */
export interface Recording {
  readonly seen: readonly Seen[]
  /** The frame at which it was left, or infinity. */
  readonly until: number
  /** The records of the streams that it emitted, in order. */
  readonly inner: ReadonlyMap<Observable<unknown>, Recording>
}

/** More marks than anybody reads: what emits so many is taken to never end. */
const MARKS_MAX = 500

/**
 * Subscribes at a frame, and leaves at another.
 *
 * @param scheduler the virtual time
 * @param source what is recorded
 * @param from the frame of the subscription
 * @param until the frame of leaving; infinity for never
 */
export function record(
  scheduler: TestScheduler,
  source: Observable<unknown>,
  from: number,
  until: number,
): Recording {
  const seen: Seen[] = []
  const inner = new Map<Observable<unknown>, Recording>()
  let subscription: Subscription | undefined
  const note = (what: Seen): void => {
    if (seen.length >= MARKS_MAX) {
      subscription?.unsubscribe()
      throw new Error('a result does not end: cut it with "subscribe ^---!"')
    }
    seen.push(what)
  }
  const start = (): void => {
    subscription = source.subscribe({
      next(value) {
        note({ frame: scheduler.frame, kind: 'next', value })
        if (!isObservable(value) || inner.has(value)) return
        inner.set(value, record(scheduler, value, scheduler.frame, until))
      },
      error: (error: unknown) => note({ frame: scheduler.frame, kind: 'error', error }),
      complete: () => note({ frame: scheduler.frame, kind: 'complete' }),
    })
  }
  if (from <= scheduler.frame) start()
  else scheduler.schedule(start, from - scheduler.frame)
  if (until !== Infinity) {
    scheduler.schedule(() => subscription?.unsubscribe(), until - scheduler.frame)
  }
  return { seen, until, inner }
}
