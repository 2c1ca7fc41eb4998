/** heartbeat: when it emits, and what a subscription costs. */
import fc from 'fast-check'
import { of, take, takeUntil, timer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { heartbeat } from '../../src/operators/heartbeat.ts'
import { Clock, FAILURE, runMarbles, recordNotifications } from './operator-harness.ts'

const INVALID = expect.objectContaining({ code: 'INVALID_ARGUMENT' })

describe('heartbeat', () => {
  it('emits at once and after each whole interval', () => {
    const ms = fc.integer({ min: 1, max: 50 })
    fc.assert(
      fc.property(ms, fc.nat(500), (everyMs, untilMs) => {
        const clock = new Clock()
        const seen = recordNotifications(heartbeat(everyMs, () => clock.frame, clock))
        clock.runTo(untilMs)
        const model: number[] = []
        for (let atMs = 0; atMs <= untilMs; atMs += everyMs) model.push(atMs)
        expect(seen.values).toEqual(model)
      }),
    )
  })

  it('calls project when it emits', () => {
    runMarbles(({ expectObservable, time }) => {
      let term = 0
      const beats = heartbeat(3, (index) => `${index}/${term++}`)
      const values = { a: '0/0', b: '1/1', c: '2/2' }
      expectObservable(beats, '^-------!').toBe('a--b--c--', values)
      expect(time('---|')).toBe(3)
    })
  })

  it('ends with takeUntil, without a timer left', () => {
    const clock = new Clock()
    const seen = recordNotifications(
      heartbeat(10, () => 'beat', clock).pipe(takeUntil(timer(25, clock))),
    )
    clock.runAll()
    expect([seen.values.length, seen.ended, clock.pending]).toEqual([3, 'completed', 0])
  })

  it('leaves no timer after unsubscribing, and counts from 0 for each subscriber', () => {
    const clock = new Clock()
    const beats = heartbeat(10, (index) => index, clock)
    const first = recordNotifications(beats)
    clock.runTo(15)
    const second = recordNotifications(beats)
    clock.runTo(30)
    expect([first.values, second.values]).toEqual([
      [0, 1, 2, 3],
      [0, 1],
    ])
    first.unsubscribe()
    second.unsubscribe()
    expect(clock.pending).toBe(0)
  })

  it('errors if project throws', () => {
    const clock = new Clock()
    const beats = heartbeat(
      10,
      (index) => {
        if (index === 1) throw FAILURE
        return index
      },
      clock,
    )
    const seen = recordNotifications(beats)
    clock.runAll()
    expect([seen.values, seen.error, clock.pending]).toEqual([[0], FAILURE, 0])
  })

  it('needs no scheduler, and refuses an invalid interval', async () => {
    await new Promise<void>((resolve) => {
      heartbeat(1, () => 'beat')
        .pipe(take(3))
        .subscribe({ complete: resolve })
    })
    expect(() => heartbeat(0, () => of())).toThrow(INVALID)
    expect(() => heartbeat(NaN, () => of())).toThrow(INVALID)
  })
})
