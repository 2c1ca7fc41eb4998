/** The default scheduler: a monotonic clock, or the virtual time of a TestScheduler. */
import { map } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { expect, it } from 'vitest'
import { defaultScheduler } from '../../src/ports/system.ts'
import { detectFailures } from '../../src/operators/detect-failures.ts'

it('now() is monotonic, and virtual while a TestScheduler is in run mode', () => {
  expect(Math.abs(defaultScheduler.now() - performance.now())).toBeLessThan(1_000)
  new TestScheduler(() => undefined).run(({ flush }) => {
    const times: number[] = []
    defaultScheduler.schedule(() => times.push(defaultScheduler.now()), 5_000)
    expect(defaultScheduler.now()).toBe(0)
    flush()
    expect(times).toEqual([5_000])
  })
  expect(Math.abs(defaultScheduler.now() - performance.now())).toBeLessThan(1_000)
})

it('a TestScheduler in run mode needs no scheduler to be handed over', () => {
  const compare = (actual: unknown, expected: unknown): void => expect(actual).toEqual(expected)
  new TestScheduler(compare).run(({ hot, expectObservable }) => {
    const beats = hot('a----a----a--------------a---|', { a: { pid: 2 } })
    const options = { everyMs: 10, threshold: 3, minStdDevMs: 1, firstIntervalMs: 5 }
    const verdicts = beats.pipe(
      detectFailures(options),
      map(({ verdict }) => verdict),
    )
    const letters = { A: 'alive', B: 'suspect', C: 'alive' }
    expectObservable(verdicts).toBe('----------A---------B----C---|', letters)
  })
})
