/** The contract of the operators: how each one ends, starts again, and cleans up after itself. */
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
 * Holds an operator to the contract.
 *
 * @param name the operator
 * @param create builds it on a clock
 * @param values what the source emits, one every 10 ms; at least one must come out before the end
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

    it('completes with its source and leaves nothing running', () => {
      const { clock, source, result } = setup('complete')
      const seen = recordNotifications(result)
      clock.runTo(endMs - 1)
      expect([seen.ended, seen.values.length > 0]).toEqual([undefined, true])
      clock.runAll()
      expect(seen.ended).toBe('completed')
      expect([source.unsubscribed, clock.pending]).toEqual([1, 0])
    })

    it('passes an error through at once and leaves nothing running', () => {
      const { clock, source, result } = setup('error')
      const seen = recordNotifications(result)
      clock.runTo(endMs)
      expect([seen.ended, seen.error]).toEqual(['errored', FAILURE])
      expect([source.unsubscribed, clock.pending]).toEqual([1, 0])
    })

    it('lets go of its source and its timers when it is left', () => {
      const { clock, source, result } = setup('complete')
      const seen = recordNotifications(result)
      clock.runTo(INTERVAL_MS + 1)
      seen.unsubscribe()
      expect([source.unsubscribed, clock.pending]).toEqual([1, 0])
    })

    it('closes its source when enough was taken', () => {
      const { clock, source, result } = setup('complete')
      const seen = recordNotifications(result.pipe(take(1)))
      clock.runAll()
      expect([seen.values.length, seen.ended]).toEqual([1, 'completed'])
      expect([source.subscribed, source.unsubscribed]).toEqual([1, 1])
    })

    it('keeps what it remembers apart for each subscriber', () => {
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
