/** The virtual clock, compared with a list that is sorted in every step. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { VirtualClock } from '../../src/testing/simulation/time/virtual-clock.ts'

/** A simple model of the clock. */
class SortedListClock {
  nowMs = 0
  #due: { atMs: number; work: () => void }[] = []

  get pending(): number {
    return this.#due.length
  }

  at(atMs: number, work: () => void): { cancel(): void } {
    const due = { atMs: Math.max(atMs, this.nowMs), work }
    this.#due.push(due)
    return { cancel: () => (this.#due = this.#due.filter((one) => one !== due)) }
  }

  step(untilMs: number): boolean {
    // Sorting is stable, so work of the same moment keeps its order.
    const [first] = this.#due.toSorted((a, b) => a.atMs - b.atMs)
    if (first === undefined || first.atMs > untilMs) return false
    this.#due = this.#due.filter((one) => one !== first)
    this.nowMs = first.atMs
    first.work()
    return true
  }

  advanceTo(nowMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs)
  }
}

/** An operation on a clock, by a task or by the test itself. */
type Operation =
  | { readonly do: 'ask'; readonly inMs: number; readonly then: readonly Operation[] }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'fail' }
  | { readonly do: 'step'; readonly forMs: number }
  | { readonly do: 'reach'; readonly inMs: number }

const inMs = fc.oneof(fc.integer({ min: -2, max: 6 }), fc.constantFrom(0.5, 1e9))
const { operation } = fc.letrec<{ operation: Operation }>((tie) => ({
  operation: fc.oneof(
    { withCrossShrink: true, depthSize: 'small' },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(200) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('ask' as const),
        inMs,
        then: fc.array(tie('operation'), { maxLength: 3 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('step' as const), forMs: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reach' as const), inMs: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const) }) },
  ),
}))

/** Returns all observable results of the operations. */
function observe(
  clock: SortedListClock | VirtualClock,
  operations: readonly Operation[],
): unknown[] {
  const seen: unknown[] = []
  const timers: { cancel(): void }[] = []
  const perform = (what: Operation): void => {
    if (what.do === 'cancel') timers[what.which % Math.max(1, timers.length)]?.cancel()
    else if (what.do === 'fail') throw new Error('failed')
    else if (what.do === 'reach') {
      // Like `run`: advances only when nothing is due before.
      const untilMs = clock.nowMs + what.inMs
      for (let steps = 0; steps < 50 && attempt(untilMs); steps++);
      clock.advanceTo(untilMs)
    } else if (what.do === 'step') seen.push(attempt(clock.nowMs + what.forMs))
    else {
      const name = timers.length
      const work = (): void => {
        seen.push([name, clock.nowMs, clock.pending])
        for (const next of what.then) perform(next)
      }
      timers.push(clock.at(clock.nowMs + what.inMs, work))
    }
    seen.push(clock.pending)
  }
  const attempt = (untilMs: number): boolean => {
    try {
      return clock.step(untilMs)
    } catch {
      seen.push('thrown')
      return true
    }
  }
  const outermost = (what: Operation): void => {
    if (what.do !== 'fail') perform(what)
  }
  for (const what of operations) outermost(what)
  while (attempt(Number.MAX_VALUE));
  seen.push(clock.pending, clock.nowMs)
  return seen
}

describe('the virtual clock', () => {
  it('behaves like a sorted list under nested schedule, cancel, throw and step', () => {
    const few = fc.array(operation, { maxLength: 60 })
    // Many tasks, most of them cancelled, so that the heap is compacted meanwhile.
    const many = fc
      .tuple(
        fc.array(inMs, { minLength: 100, maxLength: 200 }),
        fc.array(fc.nat(1_000), { minLength: 80, maxLength: 300 }),
        few,
      )
      .map(([asked, cancelled, rest]): Operation[] => [
        ...asked.map((ms): Operation => ({
          do: 'ask',
          inMs: ms,
          then: cancelled.slice(0, 2).map((which) => ({ do: 'cancel', which })),
        })),
        { do: 'step', forMs: 1 },
        ...cancelled.map((which): Operation => ({ do: 'cancel', which })),
        ...rest,
      ])
    fc.assert(
      fc.property(fc.oneof(few, many), (operations) => {
        expect(observe(new VirtualClock(), operations)).toEqual(
          observe(new SortedListClock(), operations),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('runs a thousand tasks of one moment in the order of scheduling', () => {
    const clock = new VirtualClock()
    const ran: number[] = []
    for (let n = 0; n < 1_000; n++) clock.at(5, () => ran.push(n))
    while (clock.step(5));
    expect(ran).toEqual(Array.from({ length: 1_000 }, (_, n) => n))
  })

  it('keeps heapSize <= 1.5 * pending however many tasks are cancelled', () => {
    const clock = new VirtualClock()
    for (let n = 0; n < 100; n++) clock.at(1e9 + n, () => undefined)
    let held = 0
    for (let n = 0; n < 100_000; n++) {
      clock.at(1e9, () => undefined).cancel()
      held = Math.max(held, clock.heapSize)
    }
    expect(clock.pending).toBe(100)
    expect(held).toBeLessThanOrEqual(152)
  })

  it('removes tasks that a running task scheduled and cancelled', () => {
    const clock = new VirtualClock()
    let rounds = 0
    let held = 0
    const again = (): void => {
      const far = clock.at(1e12, () => undefined)
      if (++rounds < 10_000) clock.at(clock.nowMs + 1, again)
      far.cancel()
      held = Math.max(held, clock.heapSize)
    }
    clock.at(0, again)
    while (clock.step(1e9));
    expect([rounds, clock.pending]).toEqual([10_000, 0])
    expect(held).toBeLessThan(70)
  })

  it('never runs a task at Infinity', () => {
    const clock = new VirtualClock()
    clock.at(Infinity, () => undefined)
    expect([clock.step(Infinity), clock.nowMs, clock.pending]).toEqual([false, 0, 1])
  })

  it('treats past times and NaN as now', () => {
    const clock = new VirtualClock()
    clock.advanceTo(10)
    expect([clock.at(3, () => undefined).atMs, clock.at(NaN, () => undefined).atMs]).toEqual([
      10, 10,
    ])
  })
})
