/** The contract of the operators: how each one ends, starts again, and cleans up after itself. */
import { take } from 'rxjs'
import type { OperatorFunction } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { Clock, FAILURE, counted, record, timetable } from './lab.ts'
import type { Beat } from './lab.ts'

const EVERY_MS = 10

/**
 * Holds an operator to the contract.
 *
 * @param name the operator
 * @param make builds it on a clock
 * @param values what the source emits, one every 10 ms; at least one must come out before the end
 */
export function operatorContract<A, B>(
  name: string,
  make: (clock: Clock) => OperatorFunction<A, B>,
  values: readonly A[],
): void {
  const beats = values.map((value, index): Beat<A> => [(index + 1) * EVERY_MS, { value }])
  const endMs = (values.length + 1) * EVERY_MS
  const setting = (end: 'complete' | 'error') => {
    const clock = new Clock()
    const source = counted(timetable<A>([...beats, [endMs, end]], clock))
    return { clock, source, result: source.stream.pipe(make(clock)) }
  }

  describe(`${name}, as every operator`, () => {
    it('subscribes to nothing before it is subscribed to', () => {
      const { source, clock } = setting('complete')
      expect([source.opened, clock.pending]).toEqual([0, 0])
    })

    it('completes with its source and leaves nothing running', () => {
      const { clock, source, result } = setting('complete')
      const seen = record(result)
      clock.runTo(endMs - 1)
      expect([seen.ended, seen.values.length > 0]).toEqual([undefined, true])
      clock.runAll()
      expect(seen.ended).toBe('completed')
      expect([source.closed, clock.pending]).toEqual([1, 0])
    })

    it('passes an error through at once and leaves nothing running', () => {
      const { clock, source, result } = setting('error')
      const seen = record(result)
      clock.runTo(endMs)
      expect([seen.ended, seen.error]).toEqual(['errored', FAILURE])
      expect([source.closed, clock.pending]).toEqual([1, 0])
    })

    it('lets go of its source and its timers when it is left', () => {
      const { clock, source, result } = setting('complete')
      const seen = record(result)
      clock.runTo(EVERY_MS + 1)
      seen.stop()
      expect([source.closed, clock.pending]).toEqual([1, 0])
    })

    it('closes its source when enough was taken', () => {
      const { clock, source, result } = setting('complete')
      const seen = record(result.pipe(take(1)))
      clock.runAll()
      expect([seen.values.length, seen.ended]).toEqual([1, 'completed'])
      expect([source.opened, source.closed]).toEqual([1, 1])
    })

    it('keeps what it remembers apart for each subscriber', () => {
      const { clock, result } = setting('complete')
      const first = record(result)
      clock.runTo(EVERY_MS + 5)
      const second = record(result)
      clock.runAll()
      const again = record(result)
      clock.runAll()
      expect(second.values).toEqual(first.values)
      expect(again.values).toEqual(first.values)
    })
  })
}
