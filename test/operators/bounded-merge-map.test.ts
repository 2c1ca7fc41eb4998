/** bounded: what waits, what is dropped, and who is paused. */
import { EMPTY, Subject, delay, from, of, throwError } from 'rxjs'
import type { Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { boundedMergeMap } from '../../src/operators/bounded-merge-map.ts'
import type { Pausable } from '../../src/operators/bounded-merge-map.ts'
import { operatorContract } from './operator-contract.ts'
import {
  FAILURE,
  errorCodeOf,
  countSubscriptions,
  runMarbles,
  recordNotifications,
} from './operator-harness.ts'

operatorContract(
  'boundedMergeMap',
  () => boundedMergeMap((value: string) => of(value), { bufSize: 2 }),
  ['a', 'b', 'c'],
)

function slow(value: string): Observable<string> {
  return of(value).pipe(delay(5))
}

function withIndex(value: string, index: number): readonly string[] {
  return [value, String(index)]
}

const INVALID = expect.objectContaining({ code: 'INVALID_ARGUMENT' })

describe('boundedMergeMap', () => {
  it('drops the oldest or the newest value, and emits it to dropped', () => {
    const cases = [
      ['drop-oldest', '------a----(c|)', '---b'],
      ['drop-newest', '------a----(b|)', '---c'],
    ] as const
    for (const [overflow, results, lost] of cases) {
      runMarbles(({ hot, expectObservable }) => {
        const dropped = new Subject<string>()
        const result = hot('-abc---|').pipe(
          boundedMergeMap(slow, { bufSize: 1, overflow, dropped }),
        )
        expectObservable(result).toBe(results)
        expectObservable(dropped).toBe(lost)
      })
    }
  })

  it('errors with BUFFER_FULL by default, and unsubscribes its inner Observable', () => {
    const source = new Subject<number>()
    const work = countSubscriptions(new Subject<number>())
    const seen = recordNotifications(
      source.pipe(boundedMergeMap(() => work.stream, { bufSize: 1 })),
    )
    source.next(1)
    source.next(2)
    expect(seen.ended).toBeUndefined()
    source.next(3)
    expect(errorCodeOf(seen.error)).toBe('BUFFER_FULL')
    expect([work.subscribed, work.unsubscribed, source.observed]).toEqual([1, 1, false])
  })

  it('errors with BUFFER_FULL if a paused source still emits', () => {
    const source = new Subject<number>()
    let pauses = 0
    const ignoresPause: Pausable = {
      pause: () => {
        pauses += 1
        return { unsubscribe: () => void (pauses -= 1) }
      },
    }
    const seen = recordNotifications(
      source.pipe(
        boundedMergeMap(() => new Subject(), { bufSize: 1, overflow: { pause: ignoresPause } }),
      ),
    )
    source.next(1)
    expect(pauses).toBe(0)
    source.next(2)
    expect(pauses).toBe(1)
    source.next(3)
    expect([errorCodeOf(seen.error), pauses]).toEqual(['BUFFER_FULL', 0])
  })

  it('resumes at half of bufSize, not at every value, and on unsubscribing', () => {
    const source = new Subject<number>()
    const innerSubjects: Subject<number>[] = []
    const log: string[] = []
    const pausable: Pausable = {
      pause: () => {
        log.push('pause')
        return { unsubscribe: () => void log.push('resume') }
      },
    }
    const result = source.pipe(
      boundedMergeMap(
        () => {
          const work = new Subject<number>()
          innerSubjects.push(work)
          return work
        },
        { bufSize: 4, overflow: { pause: pausable } },
      ),
    )
    const seen = recordNotifications(result)
    for (const value of [1, 2, 3, 4, 5]) source.next(value)
    expect(log).toEqual(['pause'])
    innerSubjects[0]?.complete()
    expect(log).toEqual(['pause'])
    innerSubjects[1]?.complete()
    expect(log).toEqual(['pause', 'resume'])
    source.next(6)
    source.next(7)
    expect(log).toEqual(['pause', 'resume', 'pause'])
    seen.unsubscribe()
    expect(log).toEqual(['pause', 'resume', 'pause', 'resume'])
    expect([source.observed, innerSubjects[2]?.observed]).toEqual([false, false])
  })

  it('runs the queued values after the source completes, without pausing it', () => {
    const source = new Subject<number>()
    const work = new Subject<number>()
    let paused = 0
    const pausable: Pausable = {
      pause: () => {
        paused += 1
        return { unsubscribe: () => void (paused -= 1) }
      },
    }
    const seen = recordNotifications(
      source.pipe(boundedMergeMap(() => work, { bufSize: 1, overflow: { pause: pausable } })),
    )
    source.next(1)
    source.next(2)
    expect(paused).toBe(1)
    source.complete()
    expect([paused, seen.ended]).toEqual([0, undefined])
    work.complete()
    expect(seen.ended).toBe('completed')
  })

  it('passes errors of project through, thrown or emitted', () => {
    const source = new Subject<number>()
    const thrown = recordNotifications(
      source.pipe(
        boundedMergeMap(
          () => {
            throw FAILURE
          },
          { bufSize: 9 },
        ),
      ),
    )
    const emitted = recordNotifications(
      source.pipe(boundedMergeMap(() => throwError(() => FAILURE), { bufSize: 9 })),
    )
    source.next(1)
    expect([thrown.error, emitted.error, source.observed]).toEqual([FAILURE, FAILURE, false])
  })

  it('does not overflow the stack if a long queue runs synchronously', () => {
    const source = new Subject<number>()
    const first = new Subject<number>()
    let emitted = 0
    source
      .pipe(boundedMergeMap((value) => (value === 0 ? first : of(value)), { bufSize: 100_000 }))
      .subscribe(() => (emitted += 1))
    for (let value = 0; value < 100_000; value++) source.next(value)
    expect(emitted).toBe(0)
    first.complete()
    expect(emitted).toBe(99_999)
  })

  it('keeps the order if project makes the source emit', () => {
    const source = new Subject<number>()
    const seen = recordNotifications(
      source.pipe(
        boundedMergeMap(
          (value) => {
            if (value < 3) source.next(value + 1)
            return of(value)
          },
          { bufSize: 9 },
        ),
      ),
    )
    source.next(0)
    expect(seen.values).toEqual([0, 1, 2, 3])
  })

  it('accepts arrays, passes the index, and runs everything at once with concurrency Infinity', () => {
    const seen = recordNotifications(
      from(['a', 'b']).pipe(boundedMergeMap(withIndex, { bufSize: 0, concurrency: Infinity })),
    )
    expect([seen.values, seen.ended]).toEqual([['a', '0', 'b', '1'], 'completed'])
  })

  it('refuses an invalid bufSize or concurrency', () => {
    expect(() => boundedMergeMap(() => EMPTY, { bufSize: -1 })).toThrow(INVALID)
    expect(() => boundedMergeMap(() => EMPTY, { bufSize: Infinity })).toThrow(INVALID)
    expect(() => boundedMergeMap(() => EMPTY, { bufSize: 1, concurrency: 0 })).toThrow(INVALID)
  })
})
