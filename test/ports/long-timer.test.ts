/** Waits of any length: never a timer that Node would fire at once. */
import { NEVER, VirtualTimeScheduler, defer, merge, of, take, throwError } from 'rxjs'
import type { SchedulerAction, Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { TIMER_MS_MAX, delayOf, everyInterval, scheduleAfter } from '../../src/ports/long-timer.ts'
import { heartbeat } from '../../src/operators/heartbeat.ts'
import { ManualMailbox } from '../operators/mailbox-harness.ts'
import { request } from '../../src/operators/request.ts'
import { retryBackoff } from '../../src/operators/retry-backoff.ts'
import { detectFailures } from '../../src/operators/detect-failures.ts'

const DAY_MS = 86_400_000

/** A virtual scheduler that refuses delays that a timer of Node does not have. */
class NodeLikeScheduler extends VirtualTimeScheduler {
  override schedule<T>(
    work: (this: SchedulerAction<T>, state?: T) => void,
    delay = 0,
    state?: T,
  ): Subscription {
    const action = super.schedule(work, delay, state) as SchedulerAction<T>
    const schedule = action.schedule.bind(action)
    action.schedule = (next, nextDelay = 0) => schedule(next, this.#checked(nextDelay))
    this.#checked(delay)
    return action
  }

  #checked(delay: number): number {
    if (delay > TIMER_MS_MAX) throw new Error(`a delay of ${delay} ms fires at once`)
    return delay
  }
}

describe('scheduleAfter', () => {
  it.each([0, 1, TIMER_MS_MAX, TIMER_MS_MAX + 1, 30 * DAY_MS, 365 * DAY_MS])(
    'runs once after %d ms',
    (delayMs) => {
      const scheduler = new NodeLikeScheduler()
      const times: number[] = []
      scheduleAfter(scheduler, () => times.push(scheduler.now()), delayMs)
      scheduler.flush()
      expect(times).toEqual([delayMs])
    },
  )

  it('never runs after Infinity, and can be cancelled in every part', () => {
    const scheduler = new NodeLikeScheduler()
    const times: number[] = []
    scheduleAfter(scheduler, () => times.push(scheduler.now()), Infinity)
    expect(scheduler.actions).toEqual([])
    const pending = scheduleAfter(scheduler, () => times.push(scheduler.now()), 90 * DAY_MS)
    scheduleAfter(scheduler, () => pending.unsubscribe(), 50 * DAY_MS)
    scheduler.flush()
    expect(times).toEqual([])
  })
})

describe('Observables of long waits', () => {
  it('emit after a delay, and after intervals', () => {
    const scheduler = new NodeLikeScheduler()
    const seen: string[] = []
    const note = (what: string): void => void seen.push(`${what} ${scheduler.now() / DAY_MS}`)
    delayOf(40 * DAY_MS, scheduler).subscribe({
      next: () => note('once'),
      complete: () => note('end'),
    })
    const beats = everyInterval(30 * DAY_MS, scheduler).subscribe((index) => {
      note(`beat ${index}`)
      if (index === 2) beats.unsubscribe()
    })
    scheduler.flush()
    expect(seen).toEqual(['beat 0 0', 'beat 1 30', 'once 40', 'end 40', 'beat 2 60'])
    expect(scheduler.actions).toEqual([])
  })

  it('are what the operators use', () => {
    const scheduler = new NodeLikeScheduler()
    const beats: number[] = []
    heartbeat(Infinity, (index) => index, scheduler).subscribe((index) => beats.push(index))
    let attempts = 0
    const failing = defer(() => throwError(() => new Error(`attempt ${++attempts}`)))
    const wait = { count: 3, baseMs: Infinity, maxMs: Infinity, random: () => 0, scheduler }
    failing.pipe(retryBackoff(wait)).subscribe()
    NEVER.pipe(detectFailures({ everyMs: Infinity, scheduler })).subscribe()
    request(
      new ManualMailbox(),
      { pid: 2, msg: '?' },
      { timeoutMs: Infinity, scheduler },
    ).subscribe()
    scheduler.flush()
    expect([beats, attempts, scheduler.actions]).toEqual([[0], 1, []])
  })

  it.each([2 ** 31, 30 * DAY_MS, 400 * DAY_MS])('end when they should: %d ms', (ms) => {
    const scheduler = new NodeLikeScheduler()
    const seen: string[] = []
    const note = (what: string) => () => void seen.push(`${what} ${scheduler.now() / ms}`)
    heartbeat(ms, note('beat'), scheduler).pipe(take(2)).subscribe()
    const failing = defer(() => throwError(note('attempt')))
    const wait = { count: 1, baseMs: ms, maxMs: ms, jitter: 0, scheduler }
    failing.pipe(retryBackoff(wait)).subscribe({ error: () => undefined })
    const suspicions = merge(of({ pid: 2 }), NEVER).pipe(detectFailures({ everyMs: ms, scheduler }))
    suspicions.pipe(take(1)).subscribe(note('assessment'))
    const mailbox = new ManualMailbox()
    const options = { timeoutMs: ms, scheduler }
    request(mailbox, { pid: 2, msg: '?' }, options).subscribe({ error: note('timeout') })
    const retry = { count: 1, baseMs: ms, maxMs: ms, jitter: 0 }
    const retried = request(mailbox, { pid: 3, msg: '?' }, { ...options, retry })
    retried.subscribe({ error: note('last timeout') })
    scheduler.flush()
    expect(seen.toSorted()).toEqual(
      [
        ...['beat 0', 'beat 1', 'attempt 0', 'attempt 1', 'assessment 1', 'timeout 1'],
        'last timeout 3',
      ].toSorted(),
    )
    expect(scheduler.actions).toEqual([])
  })
})
