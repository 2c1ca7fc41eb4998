/** bounded: what waits, what is dropped, and who is paused. */
import fc from 'fast-check'
import { EMPTY, Observable, Subject, delay, from, mergeMap, of, throwError, timer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { bounded, pause } from '../../src/operators/bounded.ts'
import type { BoundedOptions, Pausable } from '../../src/operators/bounded.ts'
import { operatorContract } from './contract.ts'
import { Clock, FAILURE, codeOf, counted, marbles, record, timetable } from './lab.ts'
import type { Beat } from './lab.ts'

operatorContract(
  'bounded',
  () => bounded<string, string>(2, (value) => of(value)),
  ['a', 'b', 'c'],
)

/** A value and how long the work on it takes. */
interface Job {
  readonly id: number
  readonly workMs: number
}

/** The naive model: arrays, and a loop over milliseconds; what comes is looked at before what ends. */
function simulate(
  beats: readonly (readonly [atMs: number, job: Job])[],
  bufSize: number,
  concurrency: number,
  overflow: 'drop-oldest' | 'drop-newest',
) {
  const done: number[] = []
  const dropped: number[] = []
  const waiting: Job[] = []
  let working: { id: number; endMs: number }[] = []
  for (let nowMs = 0; nowMs < 600; nowMs++) {
    const start = (): void => {
      while (working.length < concurrency && waiting.length > 0) {
        const { id, workMs } = waiting.shift() as Job
        working.push({ id, endMs: nowMs + workMs })
      }
    }
    for (const [atMs, job] of beats) {
      if (atMs !== nowMs) continue
      waiting.push(job)
      start()
      if (waiting.length <= bufSize) continue
      const lost = overflow === 'drop-oldest' ? waiting.shift() : waiting.pop()
      if (lost !== undefined) dropped.push(lost.id)
    }
    done.push(...working.filter(({ endMs }) => endMs === nowMs).map(({ id }) => id))
    working = working.filter(({ endMs }) => endMs > nowMs)
    start()
  }
  return { done, dropped }
}

describe('bounded, against a model', () => {
  it('works on, and drops, what a loop over milliseconds would', () => {
    const gap = fc.nat(5)
    const work = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(gap, work), { maxLength: 30 }),
        fc.nat(4),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom('drop-oldest' as const, 'drop-newest' as const),
        (jobs, bufSize, concurrency, overflow) => {
          let lastMs = 0
          const beats = jobs.map(([gapMs, workMs], id) => {
            lastMs += gapMs
            return [lastMs, { id, workMs }] as const
          })
          const clock = new Clock()
          const dropped: number[] = []
          const timed = beats.map(([atMs, job]): Beat<Job> => [atMs, { value: job }])
          const result = timetable<Job>([...timed, [lastMs, 'complete']], clock).pipe(
            bounded(bufSize, ({ id, workMs }) => of(id).pipe(delay(workMs, clock)), {
              concurrency,
              overflow,
              dropped: { next: ({ id }) => dropped.push(id) },
            }),
          )
          const seen = record(result)
          clock.runAll()
          const model = simulate(beats, bufSize, concurrency, overflow)
          expect({ done: seen.values, dropped }).toEqual(model)
          expect([seen.ended, clock.pending]).toEqual(['completed', 0])
        },
      ),
    )
  })

  it('with pause loses nothing, never exceeds its bound, and resumes what it paused', () => {
    const work = fc.array(fc.nat(8), { maxLength: 40 })
    const bounds = fc.record({ bufSize: fc.nat(5), concurrency: fc.integer({ min: 1, max: 3 }) })
    fc.assert(
      fc.property(work, bounds, (workMs, { bufSize, concurrency }) => {
        const clock = new Clock()
        const tap = new Tap(workMs, clock)
        let active = 0
        let begun = 0
        const result = tap.stream.pipe(
          bounded(
            bufSize,
            (ms) => {
              active += 1
              begun += 1
              expect(active).toBeLessThanOrEqual(concurrency)
              expect(tap.emitted - begun).toBeLessThanOrEqual(bufSize)
              return timer(ms, clock).pipe(
                mergeMap(() => {
                  active -= 1
                  return of(ms)
                }),
              )
            },
            { concurrency, overflow: pause(tap) },
          ),
        )
        const seen = record(result)
        clock.runAll()
        expect([seen.ended, tap.paused]).toEqual(['completed', false])
        expect(seen.values.toSorted()).toEqual(workMs.toSorted())
      }),
    )
  })
})

/** A source that can be paused: it emits one value a millisecond, and all that came due at once when it resumes. */
class Tap implements Pausable {
  readonly stream: Observable<number>
  emitted = 0
  pauses = 0
  paused = false
  #flow: () => void = () => {}

  constructor(values: readonly number[], clock: Clock) {
    this.stream = new Observable((subscriber) => {
      let due = 0
      this.#flow = () => {
        while (!this.paused && this.emitted < due) subscriber.next(values[this.emitted++] ?? 0)
        if (this.emitted === values.length) subscriber.complete()
      }
      const tick = (): void => {
        due += 1
        this.#flow()
      }
      for (const index of values.keys()) subscriber.add(clock.schedule(tick, index))
      if (values.length === 0) subscriber.complete()
    })
  }

  pause(): () => void {
    if (this.paused) throw new Error('paused twice')
    this.paused = true
    this.pauses += 1
    return () => {
      if (!this.paused) throw new Error('resumed twice')
      this.paused = false
      this.#flow()
    }
  }
}

describe('bounded', () => {
  it('drops what has waited longest, or what comes, and tells which', () => {
    const drawings = [
      ['drop-oldest', '------a----(c|)', '---b'],
      ['drop-newest', '------a----(b|)', '---c'],
    ] as const
    for (const [overflow, worked, lost] of drawings) {
      marbles(({ hot, expectObservable }) => {
        const dropped = new Subject<string>()
        const work = (value: string) => of(value).pipe(delay(5))
        const result = hot('-abc---|').pipe(bounded(1, work, { overflow, dropped }))
        expectObservable(result).toBe(worked)
        expectObservable(dropped).toBe(lost)
      })
    }
  })

  it('errors with BUFFER_FULL by default, and gives up its work', () => {
    const source = new Subject<number>()
    const work = counted(new Subject<number>())
    const seen = record(source.pipe(bounded(1, () => work.stream)))
    source.next(1)
    source.next(2)
    expect(seen.ended).toBeUndefined()
    source.next(3)
    expect(codeOf(seen.error)).toBe('BUFFER_FULL')
    expect([work.opened, work.closed, source.observed]).toEqual([1, 1, false])
  })

  it('errors with BUFFER_FULL when what it has paused goes on', () => {
    const source = new Subject<number>()
    let pauses = 0
    const deaf: Pausable = {
      pause: () => {
        pauses += 1
        return () => (pauses -= 1)
      },
    }
    const seen = record(source.pipe(bounded(1, () => new Subject(), { overflow: pause(deaf) })))
    source.next(1)
    expect(pauses).toBe(0)
    source.next(2)
    expect(pauses).toBe(1)
    source.next(3)
    expect([codeOf(seen.error), pauses]).toEqual(['BUFFER_FULL', 0])
  })

  it('resumes at half, not at every value, and when it is left', () => {
    const source = new Subject<number>()
    const works: Subject<number>[] = []
    const log: string[] = []
    const pausable: Pausable = {
      pause: () => {
        log.push('pause')
        return () => log.push('resume')
      },
    }
    const result = source.pipe(
      bounded(
        4,
        () => {
          const work = new Subject<number>()
          works.push(work)
          return work
        },
        { overflow: pause(pausable) },
      ),
    )
    const seen = record(result)
    for (const value of [1, 2, 3, 4, 5]) source.next(value)
    expect(log).toEqual(['pause'])
    works[0]?.complete()
    expect(log).toEqual(['pause'])
    works[1]?.complete()
    expect(log).toEqual(['pause', 'resume'])
    source.next(6)
    source.next(7)
    expect(log).toEqual(['pause', 'resume', 'pause'])
    seen.stop()
    expect(log).toEqual(['pause', 'resume', 'pause', 'resume'])
    expect([source.observed, works[2]?.observed]).toEqual([false, false])
  })

  it('finishes what waits after the source has completed, and pauses nothing for it', () => {
    const source = new Subject<number>()
    const work = new Subject<number>()
    let paused = 0
    const pausable: Pausable = {
      pause: () => {
        paused += 1
        return () => (paused -= 1)
      },
    }
    const seen = record(source.pipe(bounded(1, () => work, { overflow: pause(pausable) })))
    source.next(1)
    source.next(2)
    expect(paused).toBe(1)
    source.complete()
    expect([paused, seen.ended]).toEqual([0, undefined])
    work.complete()
    expect(seen.ended).toBe('completed')
  })

  it('passes errors of the work through, thrown or emitted', () => {
    const source = new Subject<number>()
    const thrown = record(
      source.pipe(
        bounded(9, () => {
          throw FAILURE
        }),
      ),
    )
    const emitted = record(source.pipe(bounded(9, () => throwError(() => FAILURE))))
    source.next(1)
    expect([thrown.error, emitted.error, source.observed]).toEqual([FAILURE, FAILURE, false])
  })

  it('never outgrows the stack when a long queue is done at once', () => {
    const source = new Subject<number>()
    const first = new Subject<number>()
    let seenValues = 0
    source
      .pipe(bounded(100_000, (value) => (value === 0 ? first : of(value))))
      .subscribe(() => (seenValues += 1))
    for (let value = 0; value < 100_000; value++) source.next(value)
    expect(seenValues).toBe(0)
    first.complete()
    expect(seenValues).toBe(99_999)
  })

  it('keeps the order when the work itself makes the source emit', () => {
    const source = new Subject<number>()
    const seen = record(
      source.pipe(
        bounded(9, (value) => {
          if (value < 3) source.next(value + 1)
          return of(value)
        }),
      ),
    )
    source.next(0)
    expect(seen.values).toEqual([0, 1, 2, 3])
  })

  it('takes promises and arrays, numbers the work, and does all of it at once if told so', () => {
    const project = (value: string, index: number) => [value, String(index)]
    const seen = record(from(['a', 'b']).pipe(bounded(0, project, { concurrency: Infinity })))
    expect([seen.values, seen.ended]).toEqual([['a', '0', 'b', '1'], 'completed'])
  })

  it('refuses a bound that is none', () => {
    expect(() => bounded(-1, () => EMPTY)).toThrow(RangeError)
    expect(() => bounded(Infinity, () => EMPTY)).toThrow(RangeError)
    expect(() => bounded(1, () => EMPTY, { concurrency: 0 })).toThrow(RangeError)
  })
})
