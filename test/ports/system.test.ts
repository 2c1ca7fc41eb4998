/** The default scheduler: a monotonic clock, or the virtual time of a TestScheduler. */
import { catchError, map, of, take } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { expect, it } from 'vitest'
import { defaultScheduler } from '../../src/ports/system.ts'
import type { ClusterError } from '../../src/model/cluster-error.ts'
import { ManualMailbox } from '../operators/mailbox-harness.ts'
import { heartbeat } from '../../src/operators/heartbeat.ts'
import { request } from '../../src/operators/request.ts'
import { retryBackoff } from '../../src/operators/retry-backoff.ts'
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

it('every operator that waits is virtual in run mode', () => {
  const compare = (actual: unknown, expected: unknown): void => expect(actual).toEqual(expected)
  new TestScheduler(compare).run(({ cold, expectObservable }) => {
    expectObservable(heartbeat(3, String).pipe(take(3))).toBe('0--1--(2|)')
    const wait = { count: 2, baseMs: 2, jitter: 0 }
    expectObservable(cold('a#').pipe(retryBackoff(wait))).toBe('a--a----a#')
    const timedOut = request(new ManualMailbox(), { pid: 2, msg: '?' }, { timeoutMs: 4 })
    const codes = timedOut.pipe(catchError((error) => of((error as ClusterError).code)))
    expectObservable(codes).toBe('----(a|)', { a: 'REQUEST_TIMEOUT' })
  })
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
