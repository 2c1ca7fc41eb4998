/** retryBackoff: when it subscribes again, and when it passes the error through. */
import fc from 'fast-check'
import { Observable, concat, defer, of, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { backOffDelayMs } from '../../src/base/back-off.ts'
import { seededRandom } from '../../src/base/seeded-random.ts'
import { retryBackoff } from '../../src/operators/retry-backoff.ts'
import {
  Clock,
  FAILURE,
  countSubscriptions,
  runMarbles,
  recordNotifications,
} from './operator-harness.ts'
import { operatorContract } from './operator-contract.ts'

operatorContract(
  'retryBackoff',
  (clock) => retryBackoff<string>({ count: 0, baseMs: 1, scheduler: clock }),
  ['a', 'b'],
)

/** Fails `failures` times, then succeeds; records the time of each attempt. */
function flaky(failures: number, clock: Clock) {
  const attemptsMs: number[] = []
  const source = defer(() => {
    attemptsMs.push(clock.frame)
    return attemptsMs.length > failures ? of('done') : throwError(() => FAILURE)
  })
  return { attemptsMs, source }
}

const INVALID = expect.objectContaining({ code: 'INVALID_ARGUMENT' })

describe('retryBackoff', () => {
  it('has the attempts and the end of a loop over the delays', () => {
    const attempts = fc.nat(8)
    const ms = fc.integer({ min: 0, max: 500 })
    const part = fc.constantFrom(0, 0.5, 1)
    fc.assert(
      fc.property(attempts, attempts, ms, ms, part, (failures, count, baseMs, maxMs, jitter) => {
        const clock = new Clock()
        const { attemptsMs, source } = flaky(failures, clock)
        const options = { count, baseMs, maxMs, jitter, random: seededRandom(7), scheduler: clock }
        const seen = recordNotifications(source.pipe(retryBackoff(options)))
        clock.runAll()

        const random = seededRandom(7)
        const expectedMs = [0]
        for (let n = 0; n < Math.min(failures, count); n++) {
          const delayMs = backOffDelayMs(n, baseMs, maxMs, jitter, random())
          expectedMs.push((expectedMs.at(-1) ?? 0) + delayMs)
        }
        expect(attemptsMs).toEqual(expectedMs)
        expect(seen.ended).toBe(failures <= count ? 'completed' : 'errored')
        expect(seen.values).toEqual(failures <= count ? ['done'] : [])
        expect(clock.pending).toBe(0)
      }),
    )
  })

  it('waits 2 ms, then 4 ms, then passes the error through', () => {
    runMarbles(({ cold, expectObservable }) => {
      const result = cold('-a#').pipe(retryBackoff({ count: 2, baseMs: 2, jitter: 0 }))
      expectObservable(result).toBe('-a---a-----a#')
    })
  })

  it('passes the last error through, with a count per subscriber', () => {
    const clock = new Clock()
    const source = countSubscriptions(throwError(() => FAILURE))
    const result = source.stream.pipe(retryBackoff({ count: 3, baseMs: 1, scheduler: clock }))
    const seen = [recordNotifications(result), recordNotifications(result)]
    clock.runAll()
    expect(seen.map(({ error }) => error)).toEqual([FAILURE, FAILURE])
    expect([source.subscribed, source.unsubscribed]).toEqual([8, 8])
  })

  it('stops waiting when it is unsubscribed', () => {
    const clock = new Clock()
    const source = countSubscriptions(
      concat(
        of('a'),
        throwError(() => FAILURE),
      ),
    )
    const result = source.stream.pipe(
      retryBackoff({ count: 9, baseMs: 50, random: () => 0.5, scheduler: clock }),
    )
    const seen = recordNotifications(result)
    expect(clock.pending).toBe(1)
    seen.unsubscribe()
    clock.runAll()
    expect([source.subscribed, source.unsubscribed, clock.pending]).toEqual([1, 1, 0])
  })

  it('has no last retry with a count of Infinity', () => {
    const clock = new Clock()
    const { attemptsMs, source } = flaky(200, clock)
    const options = { count: Infinity, baseMs: 10, maxMs: 100, jitter: 0, scheduler: clock }
    const seen = recordNotifications(source.pipe(retryBackoff(options)))
    clock.runAll()
    expect([attemptsMs.length, seen.ended]).toEqual([201, 'completed'])
  })

  it('has a longest wait of 30 s and full jitter by default', () => {
    const clock = new Clock()
    const { attemptsMs, source } = flaky(30, clock)
    const options = { count: 30, baseMs: 100, random: () => 0.5, scheduler: clock }
    recordNotifications(source.pipe(retryBackoff(options)))
    clock.runAll()
    expect(attemptsMs[1]).toBe(50)
    expect((attemptsMs[30] ?? 0) - (attemptsMs[29] ?? 0)).toBe(15_000)
  })

  it('needs neither random nor scheduler', async () => {
    let attemptCount = 0
    const source = new Observable<number>((subscriber) => {
      attemptCount += 1
      if (attemptCount < 3) subscriber.error(FAILURE)
      else subscriber.complete()
    })
    await new Promise<void>((resolve, reject) => {
      source
        .pipe(retryBackoff({ count: 5, baseMs: 1 }))
        .subscribe({ complete: resolve, error: reject })
    })
    expect(attemptCount).toBe(3)
  })

  it('refuses invalid options', () => {
    const valid = { count: 1, baseMs: 1 }
    for (const invalid of [{ count: -1 }, { count: 0.5 }, { baseMs: NaN }, { jitter: 2 }]) {
      expect(() => retryBackoff({ ...valid, ...invalid })).toThrow(INVALID)
    }
    expect(() => retryBackoff({ ...valid, maxMs: -1 })).toThrow('maxMs: expected a number')
  })
})
