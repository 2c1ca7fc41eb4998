/** boundedMergeMap, compared with a loop over milliseconds, and with a source that can be paused. */
import fc from 'fast-check'
import { type Unsubscribable, Observable, delay, mergeMap, of, timer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { boundedMergeMap } from '../../src/operators/bounded-merge-map.ts'
import type { Pausable } from '../../src/operators/bounded-merge-map.ts'
import { Clock, recordNotifications, timedSource } from './operator-harness.ts'
import type { TimedNotification } from './operator-harness.ts'

/** A value and the duration of its inner Observable. */
interface Job {
  readonly id: number
  readonly workMs: number
}

/** The naive model: arrays and milliseconds. In one millisecond, arrivals precede completions. */
function runModel(
  arrivals: readonly (readonly [atMs: number, job: Job])[],
  bufSize: number,
  concurrency: number,
  overflow: 'drop-oldest' | 'drop-newest',
) {
  const done: number[] = []
  const dropped: number[] = []
  const queue: Job[] = []
  let active: { id: number; endMs: number }[] = []
  for (let nowMs = 0; nowMs < 600; nowMs++) {
    const start = (): void => {
      while (active.length < concurrency && queue.length > 0) {
        const { id, workMs } = queue.shift() as Job
        active.push({ id, endMs: nowMs + workMs })
      }
    }
    for (const [atMs, job] of arrivals) {
      if (atMs !== nowMs) continue
      queue.push(job)
      start()
      if (queue.length <= bufSize) continue
      const droppedJob = overflow === 'drop-oldest' ? queue.shift() : queue.pop()
      if (droppedJob !== undefined) dropped.push(droppedJob.id)
    }
    done.push(...active.filter(({ endMs }) => endMs === nowMs).map(({ id }) => id))
    active = active.filter(({ endMs }) => endMs > nowMs)
    start()
  }
  return { done, dropped }
}

/** Emits a value each millisecond; after a pause it emits the values that came due meanwhile. */
class PausableSource implements Pausable {
  readonly stream: Observable<number>
  emitted = 0
  pauses = 0
  paused = false
  #emitDue: () => void = () => {}

  constructor(values: readonly number[], clock: Clock) {
    this.stream = new Observable((subscriber) => {
      let due = 0
      this.#emitDue = () => {
        while (!this.paused && this.emitted < due) subscriber.next(values[this.emitted++] ?? 0)
        if (this.emitted === values.length) subscriber.complete()
      }
      const tick = (): void => {
        due += 1
        this.#emitDue()
      }
      for (const index of values.keys()) subscriber.add(clock.schedule(tick, index))
      if (values.length === 0) subscriber.complete()
    })
  }

  pause(): Unsubscribable {
    if (this.paused) throw new Error('paused twice')
    this.paused = true
    this.pauses += 1
    const unsubscribe = (): void => {
      if (!this.paused) throw new Error('resumed twice')
      this.paused = false
      this.#emitDue()
    }
    return { unsubscribe }
  }
}

describe('boundedMergeMap, against a model', () => {
  it('runs and drops the same values as a loop over milliseconds', () => {
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
          const arrivals = jobs.map(([gapMs, workMs], id) => {
            lastMs += gapMs
            return [lastMs, { id, workMs }] as const
          })
          const clock = new Clock()
          const dropped: number[] = []
          const notifications = arrivals.map(([atMs, job]): TimedNotification<Job> => [
            atMs,
            { value: job },
          ])
          const result = timedSource<Job>([...notifications, [lastMs, 'complete']], clock).pipe(
            boundedMergeMap(({ id, workMs }) => of(id).pipe(delay(workMs, clock)), {
              bufSize,
              concurrency,
              overflow,
              dropped: { next: ({ id }) => dropped.push(id) },
            }),
          )
          const seen = recordNotifications(result)
          clock.runAll()
          const model = runModel(arrivals, bufSize, concurrency, overflow)
          expect({ done: seen.values, dropped }).toEqual(model)
          expect([seen.ended, clock.pending]).toEqual(['completed', 0])
        },
      ),
    )
  })

  it('with pause drops no value, stays within bufSize, and resumes what it paused', () => {
    const work = fc.array(fc.nat(8), { maxLength: 40 })
    const bounds = fc.record({ bufSize: fc.nat(5), concurrency: fc.integer({ min: 1, max: 3 }) })
    fc.assert(
      fc.property(work, bounds, (workMs, { bufSize, concurrency }) => {
        const clock = new Clock()
        const pausable = new PausableSource(workMs, clock)
        let active = 0
        let started = 0
        const result = pausable.stream.pipe(
          boundedMergeMap(
            (ms) => {
              active += 1
              started += 1
              expect(active).toBeLessThanOrEqual(concurrency)
              expect(pausable.emitted - started).toBeLessThanOrEqual(bufSize)
              return timer(ms, clock).pipe(
                mergeMap(() => {
                  active -= 1
                  return of(ms)
                }),
              )
            },
            { bufSize, concurrency, overflow: { pause: pausable } },
          ),
        )
        const seen = recordNotifications(result)
        clock.runAll()
        expect([seen.ended, pausable.paused]).toEqual(['completed', false])
        expect(seen.values.toSorted()).toEqual(workMs.toSorted())
      }),
    )
  })
})
