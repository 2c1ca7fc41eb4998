/** The contract of every operator: how it ends, and what it leaves behind. */
import { take } from 'rxjs'
import type { OperatorFunction } from 'rxjs'
import { describe, expect, it } from 'vitest'
import {
  Clock,
  FAILURE,
  countSubscriptions,
  recordNotifications,
  timedSource,
} from './operator-harness.ts'
import type { TimedNotification } from './operator-harness.ts'

const INTERVAL_MS = 10

/**
 * Defines the tests of the contract for one operator.
 *
 * @param name the operator
 * @param create makes it with a clock
 * @param values the values of the source, one every 10 ms; at least one must lead to a result
 */
export function operatorContract<A, B>(
  name: string,
  create: (clock: Clock) => OperatorFunction<A, B>,
  values: readonly A[],
): void {
  const notifications = values.map((value, index): TimedNotification<A> => [
    (index + 1) * INTERVAL_MS,
    { value },
  ])
  const endMs = (values.length + 1) * INTERVAL_MS
  const setup = (end: 'complete' | 'error') => {
    const clock = new Clock()
    const source = countSubscriptions(timedSource<A>([...notifications, [endMs, end]], clock))
    return { clock, source, result: source.stream.pipe(create(clock)) }
  }

  describe(`${name}, as every operator`, () => {
    it('subscribes to nothing before it is subscribed to', () => {
      const { source, clock } = setup('complete')
      expect([source.subscribed, clock.pending]).toEqual([0, 0])
    })

    it('completes with its source, without a timer left', () => {
      const { clock, source, result } = setup('complete')
      const seen = recordNotifications(result)
      clock.runTo(endMs - 1)
      expect([seen.ended, seen.values.length > 0]).toEqual([undefined, true])
      clock.runAll()
      expect(seen.ended).toBe('completed')
      expect([source.unsubscribed, clock.pending]).toEqual([1, 0])
    })

    it('passes an error through at once, without a timer left', () => {
      const { clock, source, result } = setup('error')
      const seen = recordNotifications(result)
      clock.runTo(endMs)
      expect([seen.ended, seen.error]).toEqual(['errored', FAILURE])
      expect([source.unsubscribed, clock.pending]).toEqual([1, 0])
    })

    it('unsubscribes its source and its timers when it is unsubscribed', () => {
      const { clock, source, result } = setup('complete')
      const seen = recordNotifications(result)
      clock.runTo(INTERVAL_MS + 1)
      seen.unsubscribe()
      expect([source.unsubscribed, clock.pending]).toEqual([1, 0])
    })

    it('unsubscribes its source after take(1)', () => {
      const { clock, source, result } = setup('complete')
      const seen = recordNotifications(result.pipe(take(1)))
      clock.runAll()
      expect([seen.values.length, seen.ended]).toEqual([1, 'completed'])
      expect([source.subscribed, source.unsubscribed]).toEqual([1, 1])
    })

    it('has separate state per subscriber', () => {
      const { clock, result } = setup('complete')
      const first = recordNotifications(result)
      clock.runTo(INTERVAL_MS + 5)
      const second = recordNotifications(result)
      clock.runAll()
      const again = recordNotifications(result)
      clock.runAll()
      expect(second.values).toEqual(first.values)
      expect(again.values).toEqual(first.values)
    })
  })
}
