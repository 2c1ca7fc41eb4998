/** detectFailures: how φ of a silent peer rises, and what a subscription costs. */
import fc from 'fast-check'
import { BehaviorSubject, Subject, mergeMap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { phi } from '../../src/operators/internal/phi.ts'
import type { Envelope } from '../../src/model/envelope.ts'
import { groupByPeer } from '../../src/operators/group-by-peer.ts'
import { detectFailures } from '../../src/operators/detect-failures.ts'
import type { Suspicion } from '../../src/operators/detect-failures.ts'
import { operatorContract } from './operator-contract.ts'
import {
  Clock,
  FAILURE,
  envelopeFrom,
  peersOf,
  recordNotifications,
  timedSource,
} from './operator-harness.ts'
import type { TimedNotification } from './operator-harness.ts'

const heartbeat = (pid: number): Envelope<string> => envelopeFrom(pid, 1, 'beat')
const STEADY = { everyMs: 10, threshold: 3, minStdDevMs: 1, firstIntervalMs: 5 }

operatorContract<Envelope<string>, Suspicion>(
  'detectFailures',
  (clock) => detectFailures({ ...STEADY, everyMs: 4, scheduler: clock }),
  [heartbeat(2), heartbeat(3), heartbeat(2), heartbeat(2)],
)

const INVALID = expect.objectContaining({ code: 'INVALID_ARGUMENT' })

describe('detectFailures, against a model', () => {
  it('emits the φ that is computed from the whole history of each peer', () => {
    const heartbeatGap = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 2, max: 4 }))
    const shape = fc.record({
      threshold: fc.constantFrom(1, 3, 8),
      window: fc.integer({ min: 1, max: 6 }),
      acceptablePauseMs: fc.constantFrom(0, 7),
    })
    fc.assert(
      fc.property(fc.array(heartbeatGap, { maxLength: 40 }), shape, (heartbeats, shape) => {
        const options = { everyMs: 7, minStdDevMs: 2, firstIntervalMs: 20, ...shape }
        let lastMs = 0
        // Heartbeats arrive between milliseconds, so that none coincides with an assessment.
        const arrivals = heartbeats.map(([gapMs, pid]) => {
          lastMs += gapMs
          return [lastMs + 0.5, pid] as const
        })
        const clock = new Clock()
        const notifications = arrivals.map(([atMs, pid]): TimedNotification<Envelope> => [
          atMs,
          { value: heartbeat(pid) },
        ])
        const endMs = lastMs + 100
        const source = timedSource<Envelope>([...notifications, [endMs + 0.5, 'complete']], clock)
        const seen = recordNotifications(
          source.pipe(detectFailures({ ...options, scheduler: clock })),
        )
        clock.runAll()

        const levelAt = (pid: number, nowMs: number): number | undefined => {
          const times = arrivals
            .filter(([ms, sender]) => sender === pid && ms < nowMs)
            .map(([ms]) => ms)
          const intervals: number[] = []
          const meanOf = (last: readonly number[]): number =>
            last.length === 0 ? 20 : last.reduce((a, b) => a + b, 0) / last.length
          const level = (silenceMs: number): number => {
            const last = intervals.slice(-options.window)
            const mean = meanOf(last)
            const stdDev = Math.sqrt(last.reduce((a, b) => a + (b - mean) ** 2, 0) / last.length)
            const stats = last.length === 0 ? [20, 5] : [mean, stdDev]
            return phi(silenceMs, {
              meanMs: (stats[0] ?? 0) + options.acceptablePauseMs,
              stdDevMs: Math.max(stats[1] ?? 0, 2),
            })
          }
          let outage = false
          let delayed = 0
          for (let n = 1; n < times.length; n++) {
            const gapMs = (times[n] ?? 0) - (times[n - 1] ?? 0)
            outage = !outage && level(gapMs) >= options.threshold
            const mean = meanOf(intervals.slice(-options.window))
            if (outage) delayed = Math.ceil(gapMs / mean)
            else if (delayed > 0 && gapMs < mean / 2) delayed--
            else {
              delayed = 0
              intervals.push(gapMs)
            }
          }
          const last = times.at(-1)
          return last === undefined ? undefined : level(nowMs - last)
        }
        const expected: Suspicion[] = []
        const suspects = new Set<number>()
        let nextArrival = 0
        const seenPids: number[] = []
        for (let nowMs = 7; nowMs <= endMs; nowMs += 7) {
          for (
            ;
            nextArrival < arrivals.length && (arrivals[nextArrival]?.[0] ?? 0) < nowMs;
            nextArrival++
          ) {
            const [atMs = 0, pid = 0] = arrivals[nextArrival] ?? []
            if (!seenPids.includes(pid)) seenPids.push(pid)
            if (!suspects.delete(pid)) continue
            const level = levelAt(pid, atMs + 1e-9) ?? NaN
            const isSuspect = level >= options.threshold
            expected.push({ pid, phi: level, verdict: isSuspect ? 'suspect' : 'alive' })
          }
          for (const pid of seenPids) {
            const level = levelAt(pid, nowMs) ?? NaN
            const isSuspect = level >= options.threshold
            if (isSuspect) suspects.add(pid)
            else suspects.delete(pid)
            expected.push({ pid, phi: level, verdict: isSuspect ? 'suspect' : 'alive' })
          }
        }
        const actual = seen.values.map(({ pid, verdict }) => [pid, verdict])
        expect(actual).toEqual(expected.map(({ pid, verdict }) => [pid, verdict]))
        for (const [index, { phi: level }] of seen.values.entries()) {
          expect(level).toBeCloseTo(expected[index]?.phi ?? NaN, 6)
        }
        expect(clock.pending).toBe(0)
      }),
    )
  })
})

describe('detectFailures', () => {
  it('suspects a silent peer, and clears it when it returns', () => {
    const clock = new Clock()
    const notifications = [0, 5, 10, 25].map((atMs): TimedNotification<Envelope> => [
      atMs,
      { value: heartbeat(2) },
    ])
    const source = timedSource<Envelope>([...notifications, [29, 'complete']], clock)
    const actual: string[] = []
    source
      .pipe(detectFailures({ ...STEADY, scheduler: clock }))
      .subscribe(({ verdict }) => actual.push(`${clock.frame} ${verdict}`))
    clock.runAll()
    expect(actual).toEqual(['10 alive', '20 suspect', '25 alive'])
  })

  it('learns a slower rate, although the first long interval looks like an outage', () => {
    const clock = new Clock()
    const fast = Array.from({ length: 20 }, (_, n) => (n + 1) * 5)
    const slow = Array.from({ length: 20 }, (_, n) => 100 + (n + 1) * 40)
    const arrivals = [...fast, ...slow].map((atMs): TimedNotification<Envelope> => [
      atMs,
      { value: heartbeat(2) },
    ])
    const seen = recordNotifications(
      timedSource(arrivals, clock).pipe(
        detectFailures({ ...STEADY, window: 10, scheduler: clock }),
      ),
    )
    clock.runTo(900)
    const late = seen.values.slice(-15)
    expect(seen.values.some(({ verdict }) => verdict === 'suspect')).toBe(true)
    expect(late.every(({ verdict }) => verdict === 'alive')).toBe(true)
    seen.unsubscribe()
    expect(clock.pending).toBe(0)
  })

  it('does not record an outage as an interval', () => {
    const clock = new Clock()
    const times = [5, 10, 15, 20, 500, 505, 510]
    const arrivals = times.map((atMs): TimedNotification<Envelope> => [
      atMs,
      { value: heartbeat(2) },
    ])
    const seen = recordNotifications(
      timedSource(arrivals, clock).pipe(detectFailures({ ...STEADY, scheduler: clock })),
    )
    clock.runTo(520)
    expect(seen.values.at(-1)?.verdict).toBe('suspect')
    seen.unsubscribe()
  })

  it('emits nothing for a peer without a heartbeat', () => {
    const clock = new Clock()
    const seen = recordNotifications(
      new Subject<Envelope>().pipe(detectFailures({ ...STEADY, scheduler: clock })),
    )
    clock.runTo(100)
    expect(seen.values).toEqual([])
    seen.unsubscribe()
  })

  it('forgets removed peers if it is used with groupByPeer', () => {
    const clock = new Clock()
    const inbox = new Subject<Envelope>()
    const peers = new BehaviorSubject(peersOf(2, 3))
    const seen = recordNotifications(
      inbox.pipe(
        groupByPeer(peers),
        mergeMap((heartbeats) => heartbeats.pipe(detectFailures({ ...STEADY, scheduler: clock }))),
      ),
    )
    inbox.next(heartbeat(2))
    inbox.next(heartbeat(3))
    peers.next(peersOf(3))
    clock.runTo(10)
    expect(seen.values.map(({ pid }) => pid)).toEqual([3])
    inbox.error(FAILURE)
    expect([seen.error, clock.pending]).toEqual([FAILURE, 0])
  })

  it('has defaults, and runs in real time', async () => {
    const heartbeats = new Subject<Envelope>()
    const first = new Promise<Suspicion>((resolve) => {
      heartbeats.pipe(detectFailures({ everyMs: 5 })).subscribe(resolve)
    })
    heartbeats.next(heartbeat(2))
    expect(await first).toMatchObject({ pid: 2, verdict: 'alive' })
    heartbeats.complete()
  })

  it('refuses invalid options', () => {
    const invalid = [{ everyMs: 0 }, { threshold: NaN }, { window: 0 }, { minStdDevMs: -1 }]
    for (const options of invalid) expect(() => detectFailures(options)).toThrow(INVALID)
    expect(() => detectFailures({ acceptablePauseMs: -1 })).toThrow(INVALID)
    expect(() => detectFailures({ firstIntervalMs: NaN })).toThrow(INVALID)
  })
})
