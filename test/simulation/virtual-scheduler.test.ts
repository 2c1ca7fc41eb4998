/** The virtual scheduler, compared with RxJS's VirtualTimeScheduler and asyncScheduler. */
import * as rx from 'rxjs'
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { VirtualClock } from '../../src/testing/simulation/time/virtual-clock.ts'
import { VirtualScheduler } from '../../src/testing/simulation/time/virtual-scheduler.ts'

type Step = (source: rx.Observable<unknown>, scheduler: rx.SchedulerLike) => rx.Observable<unknown>

const ms = fc.integer({ min: 0, max: 12 })
const some = fc.integer({ min: 1, max: 12 })
const one = <T>(value: fc.Arbitrary<T>, step: (value: T) => Step): fc.Arbitrary<Step> =>
  value.map(step)

/** The operators of RxJS that take a scheduler. */
const step: fc.Arbitrary<Step> = fc.oneof(
  one(ms, (due) => (source, scheduler) => source.pipe(rx.delay(due, scheduler))),
  one(ms, (due) => (source, scheduler) => source.pipe(rx.debounceTime(due, scheduler))),
  one(ms, (due) => (source, scheduler) => source.pipe(rx.auditTime(due, scheduler))),
  one(
    some,
    (due) => (source, scheduler) => source.pipe(rx.sampleTime(due, scheduler), rx.take(20)),
  ),
  one(
    ms,
    (due) => (source, scheduler) =>
      source.pipe(rx.throttleTime(due, scheduler, { leading: true, trailing: true })),
  ),
  one(ms, (due) => (source, scheduler) => source.pipe(rx.observeOn(scheduler, due))),
  one(ms, (due) => (source, scheduler) => source.pipe(rx.subscribeOn(scheduler, due))),
  one(
    some,
    (span) => (source, scheduler) => source.pipe(rx.bufferTime(span, scheduler), rx.take(20)),
  ),
  one(
    fc.tuple(some, some),
    ([span, every]) =>
      (source, scheduler) =>
        source.pipe(rx.bufferTime(span, every, 3, scheduler), rx.take(20)),
  ),
  one(
    some,
    (span) => (source, scheduler) =>
      source.pipe(
        rx.windowTime(span, scheduler),
        rx.take(9),
        rx.mergeMap((part) => part.pipe(rx.toArray())),
      ),
  ),
  one(
    some,
    (due) => (source, scheduler) =>
      source.pipe(rx.timeout({ each: due, scheduler, with: () => rx.of('late') })),
  ),
  one(
    some,
    (due) => (source, scheduler) =>
      source.pipe(rx.switchMap((value) => rx.timer(due, scheduler).pipe(rx.map(() => value)))),
  ),
  one(
    some,
    (due) => (source, scheduler) =>
      source.pipe(
        rx.mergeMap((value) =>
          rx.interval(due, scheduler).pipe(
            rx.take(2),
            rx.map((n) => [value, n]),
          ),
        ),
      ),
  ),
  one(
    fc.tuple(ms, some),
    ([due, every]) =>
      (source, scheduler) =>
        source.pipe(rx.mergeWith(rx.timer(due, every, scheduler).pipe(rx.take(3)))),
  ),
  one(
    fc.constant(0),
    () => (source, scheduler) =>
      source.pipe(
        rx.timestamp(scheduler),
        rx.map(({ value, timestamp }) => [value, timestamp]),
      ),
  ),
  one(
    fc.constant(0),
    () => (source, scheduler) =>
      source.pipe(
        rx.timeInterval(scheduler),
        rx.map((each) => [each.value, each.interval]),
      ),
  ),
  one(
    some,
    (due) => (source, scheduler) =>
      source.pipe(
        rx.expand((value) => (value === 0 ? rx.of(1).pipe(rx.delay(due, scheduler)) : rx.EMPTY)),
      ),
  ),
  one(
    fc.array(some, { maxLength: 3 }),
    (values) => (source, scheduler) => rx.concat(source, rx.scheduled(values, scheduler)),
  ),
  one(
    fc.array(some, { maxLength: 3 }),
    (values) => (source, scheduler) =>
      source.pipe(rx.mergeWith(rx.from(values).pipe(rx.observeOn(scheduler)))),
  ),
)

interface Pipeline {
  readonly moments: readonly number[]
  readonly steps: readonly Step[]
  /** The time of the unsubscription. */
  readonly untilMs: number
}

/** Returns the notifications of a pipeline, with their times. */
function notifications(
  { moments, steps, untilMs }: Pipeline,
  scheduler: rx.SchedulerLike,
  flush: () => void,
): unknown[] {
  const seen: unknown[] = []
  const source = rx
    .from(moments)
    .pipe(rx.mergeMap((due, n) => rx.timer(due, scheduler).pipe(rx.map(() => n))))
  const whole = steps.reduce(
    (stream, next) => next(stream, scheduler),
    source as rx.Observable<unknown>,
  )
  const subscription = whole.pipe(rx.materialize()).subscribe((notification) => {
    seen.push([scheduler.now(), JSON.stringify(notification)])
  })
  rx.timer(untilMs, scheduler).subscribe(() => subscription.unsubscribe())
  flush()
  return seen
}

describe('the virtual scheduler', () => {
  it('gives any pipeline of operators the same notifications as RxJS’s own', () => {
    const pipeline = fc.record<Pipeline>({
      moments: fc.array(fc.nat(40), { maxLength: 10 }),
      steps: fc.array(step, { minLength: 1, maxLength: 4 }),
      untilMs: fc.integer({ min: 5, max: 150 }),
    })
    fc.assert(
      fc.property(pipeline, (every) => {
        const theirs = new rx.VirtualTimeScheduler()
        const clock = new VirtualClock()
        const ours = notifications(every, new VirtualScheduler(clock), () => {
          while (clock.step(1e9));
        })
        expect(ours).toEqual(notifications(every, theirs, () => theirs.flush()))
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('an action', () => {
  /** Creates a clock, its scheduler, and a function that runs due actions. */
  function setUp(): {
    clock: VirtualClock
    scheduler: VirtualScheduler
    run: (untilMs?: number) => void
  } {
    const clock = new VirtualClock()
    const run = (untilMs = 1_000): void => {
      while (clock.step(untilMs));
    }
    return { clock, scheduler: new VirtualScheduler(clock), run }
  }

  it('repeats itself with another delay and state', () => {
    const { scheduler, run } = setUp()
    const seen: unknown[] = []
    scheduler.schedule<number>(
      function (state = 0) {
        seen.push([scheduler.now(), state])
        if (state < 3) this.schedule(state + 1, state * 10)
      },
      5,
      0,
    )
    run()
    expect(seen).toEqual([
      [5, 0],
      [5, 1],
      [15, 2],
      [35, 3],
    ])
  })

  it('runs once if it schedules itself twice, at the latest time given', () => {
    const { scheduler, run } = setUp()
    const seen: unknown[] = []
    scheduler.schedule<string>(function (state = '') {
      seen.push([scheduler.now(), state])
      if (state !== '') return
      this.schedule('first', 5)
      this.schedule('second', 7)
    })
    run()
    expect(seen).toEqual([
      [0, ''],
      [7, 'second'],
    ])
  })

  it('can be scheduled again after it ran, but not after it was unsubscribed', () => {
    const { clock, scheduler, run } = setUp()
    const seen: number[] = []
    const action = scheduler.schedule(
      () => void seen.push(scheduler.now()),
    ) as rx.SchedulerAction<unknown>
    run(10)
    expect(action.closed).toBe(false)
    clock.advanceTo(10)
    action.schedule(undefined, 5)
    run(20)
    action.unsubscribe()
    action.schedule(undefined, 5)
    run()
    expect([seen, clock.pending]).toEqual([[0, 15], 0])
  })

  it('is cancelled by unsubscribing, also while it runs', () => {
    const { clock, scheduler, run } = setUp()
    let runs = 0
    scheduler.schedule(() => runs++, 5).unsubscribe()
    expect(clock.pending).toBe(0)
    scheduler.schedule(function () {
      runs++
      this.unsubscribe()
      this.schedule(undefined, 1)
    })
    run()
    expect([runs, clock.pending]).toEqual([1, 0])
  })

  it('that throws ends; step rethrows the error, and other actions still run', () => {
    const { clock, scheduler } = setUp()
    let runs = 0
    const action = scheduler.schedule(function () {
      this.schedule(undefined, 1)
      throw new Error('mine')
    }, 5)
    scheduler.schedule(() => runs++, 5)
    expect(() => clock.step(10)).toThrow('mine')
    expect(action.closed).toBe(true)
    expect([clock.step(10), clock.step(10), runs, clock.nowMs]).toEqual([true, false, 1, 5])
  })

  it('treats negative delays and NaN as 0, and Infinity as never', () => {
    const { clock, scheduler, run } = setUp()
    const seen: string[] = []
    clock.advanceTo(7)
    scheduler.schedule(() => seen.push('never'), Infinity)
    scheduler.schedule(() => seen.push('below'), -5)
    scheduler.schedule(() => seen.push('none'), NaN)
    run()
    expect([seen, clock.nowMs, clock.pending]).toEqual([['below', 'none'], 7, 0])
  })
})
