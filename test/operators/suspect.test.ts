/** suspect: how the level of a silent peer rises, and what it costs. */
import fc from 'fast-check'
import { BehaviorSubject, Subject, mergeMap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { phi } from '../../src/core/phi.ts'
import type { Envelope } from '../../src/model/envelope.ts'
import { byPeer } from '../../src/operators/by-peer.ts'
import { suspect } from '../../src/operators/suspect.ts'
import type { Suspicion } from '../../src/operators/suspect.ts'
import { operatorContract } from './contract.ts'
import { Clock, FAILURE, mail, peersOf, record, timetable } from './lab.ts'
import type { Beat } from './lab.ts'

const beat = (pid: number): Envelope<string> => mail(pid, 1, 'beat')
const STEADY = { everyMs: 10, threshold: 3, minStdDevMs: 1, firstIntervalMs: 5 }

operatorContract<Envelope<string>, Suspicion>(
  'suspect',
  (clock) => suspect({ ...STEADY, everyMs: 4 }, clock),
  [beat(2), beat(3), beat(2), beat(2)],
)

describe('suspect, against a model', () => {
  it('tells what the whole history of each peer tells when it is read again at every look', () => {
    const pulse = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 2, max: 4 }))
    const shape = fc.record({
      threshold: fc.constantFrom(1, 3, 8),
      window: fc.integer({ min: 1, max: 6 }),
      acceptablePauseMs: fc.constantFrom(0, 7),
    })
    fc.assert(
      fc.property(fc.array(pulse, { maxLength: 40 }), shape, (pulses, shape) => {
        const options = { everyMs: 7, minStdDevMs: 2, firstIntervalMs: 20, ...shape }
        let lastMs = 0
        // Pulses come in the middle of milliseconds, so that none coincides with a look.
        const beats = pulses.map(([gapMs, pid]) => {
          lastMs += gapMs
          return [lastMs + 0.5, pid] as const
        })
        const clock = new Clock()
        const timed = beats.map(([atMs, pid]): Beat<Envelope> => [atMs, { value: beat(pid) }])
        const endMs = lastMs + 100
        const source = timetable<Envelope>([...timed, [endMs + 0.5, 'complete']], clock)
        const seen = record(source.pipe(suspect(options, clock)))
        clock.runAll()

        const levelAt = (pid: number, nowMs: number): number | undefined => {
          const times = beats.filter(([ms, who]) => who === pid && ms < nowMs).map(([ms]) => ms)
          const kept: number[] = []
          const level = (silenceMs: number): number => {
            const last = kept.slice(-options.window)
            const mean = last.reduce((a, b) => a + b, 0) / last.length
            const spread = Math.sqrt(last.reduce((a, b) => a + (b - mean) ** 2, 0) / last.length)
            const rhythm = last.length === 0 ? [20, 5] : [mean, spread]
            return phi(silenceMs, {
              meanMs: (rhythm[0] ?? 0) + options.acceptablePauseMs,
              stdDevMs: Math.max(rhythm[1] ?? 0, 2),
            })
          }
          let outage = false
          for (let n = 1; n < times.length; n++) {
            const gapMs = (times[n] ?? 0) - (times[n - 1] ?? 0)
            outage = !outage && level(gapMs) >= options.threshold
            if (!outage) kept.push(gapMs)
          }
          const last = times.at(-1)
          return last === undefined ? undefined : level(nowMs - last)
        }
        const looks: Suspicion[] = []
        const suspects = new Set<number>()
        let heard = 0
        const order: number[] = []
        for (let nowMs = 7; nowMs <= endMs; nowMs += 7) {
          for (; heard < beats.length && (beats[heard]?.[0] ?? 0) < nowMs; heard++) {
            const [atMs = 0, pid = 0] = beats[heard] ?? []
            if (!order.includes(pid)) order.push(pid)
            if (!suspects.delete(pid)) continue
            const level = levelAt(pid, atMs + 1e-9) ?? NaN
            const bad = level >= options.threshold
            looks.push({ pid, phi: level, verdict: bad ? 'suspect' : 'alive' })
          }
          for (const pid of order) {
            const level = levelAt(pid, nowMs) ?? NaN
            const bad = level >= options.threshold
            if (bad) suspects.add(pid)
            else suspects.delete(pid)
            looks.push({ pid, phi: level, verdict: bad ? 'suspect' : 'alive' })
          }
        }
        const told = seen.values.map(({ pid, verdict }) => [pid, verdict])
        expect(told).toEqual(looks.map(({ pid, verdict }) => [pid, verdict]))
        for (const [index, { phi: level }] of seen.values.entries()) {
          expect(level).toBeCloseTo(looks[index]?.phi ?? NaN, 6)
        }
        expect(clock.pending).toBe(0)
      }),
    )
  })
})

describe('suspect', () => {
  it('draws a silence and a return', () => {
    const clock = new Clock()
    const at = [0, 5, 10, 25].map((atMs): Beat<Envelope> => [atMs, { value: beat(2) }])
    const source = timetable<Envelope>([...at, [29, 'complete']], clock)
    const told: string[] = []
    source
      .pipe(suspect(STEADY, clock))
      .subscribe(({ verdict }) => told.push(`${clock.frame} ${verdict}`))
    clock.runAll()
    expect(told).toEqual(['10 alive', '20 suspect', '25 alive'])
  })

  it('learns a new rhythm, though its first silence looked like an outage', () => {
    const clock = new Clock()
    const fast = Array.from({ length: 20 }, (_, n) => (n + 1) * 5)
    const slow = Array.from({ length: 20 }, (_, n) => 100 + (n + 1) * 40)
    const beats = [...fast, ...slow].map((atMs): Beat<Envelope> => [atMs, { value: beat(2) }])
    const seen = record(timetable(beats, clock).pipe(suspect({ ...STEADY, window: 10 }, clock)))
    clock.runTo(900)
    const late = seen.values.slice(-15)
    expect(seen.values.some(({ verdict }) => verdict === 'suspect')).toBe(true)
    expect(late.every(({ verdict }) => verdict === 'alive')).toBe(true)
    seen.stop()
    expect(clock.pending).toBe(0)
  })

  it('does not take one outage for a rhythm', () => {
    const clock = new Clock()
    const times = [5, 10, 15, 20, 500, 505, 510]
    const beats = times.map((atMs): Beat<Envelope> => [atMs, { value: beat(2) }])
    const seen = record(timetable(beats, clock).pipe(suspect(STEADY, clock)))
    clock.runTo(520)
    expect(seen.values.at(-1)?.verdict).toBe('suspect')
    seen.stop()
  })

  it('tells nothing of peers it has never heard', () => {
    const clock = new Clock()
    const seen = record(new Subject<Envelope>().pipe(suspect(STEADY, clock)))
    clock.runTo(100)
    expect(seen.values).toEqual([])
    seen.stop()
  })

  it('forgets who leaves, together with byPeer', () => {
    const clock = new Clock()
    const inbox = new Subject<Envelope>()
    const peers = new BehaviorSubject(peersOf(2, 3))
    const seen = record(
      inbox.pipe(
        byPeer(peers),
        mergeMap((pulses) => pulses.pipe(suspect(STEADY, clock))),
      ),
    )
    inbox.next(beat(2))
    inbox.next(beat(3))
    peers.next(peersOf(3))
    clock.runTo(10)
    expect(seen.values.map(({ pid }) => pid)).toEqual([3])
    inbox.error(FAILURE)
    expect([seen.error, clock.pending]).toEqual([FAILURE, 0])
  })

  it('takes the defaults and real time where nothing is said', async () => {
    const pulses = new Subject<Envelope>()
    const first = new Promise<Suspicion>((resolve) => {
      pulses.pipe(suspect({ everyMs: 5 })).subscribe(resolve)
    })
    pulses.next(beat(2))
    expect(await first).toMatchObject({ pid: 2, verdict: 'alive' })
    pulses.complete()
  })

  it('refuses options that make no sense', () => {
    const wrong = [{ everyMs: 0 }, { threshold: NaN }, { window: 0 }, { minStdDevMs: -1 }]
    for (const options of wrong) expect(() => suspect(options)).toThrow(RangeError)
    expect(() => suspect({ acceptablePauseMs: -1 })).toThrow(RangeError)
    expect(() => suspect({ firstIntervalMs: NaN })).toThrow(RangeError)
  })
})
