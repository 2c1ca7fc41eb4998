/** Virtual time of RxJS: providers, schedulers, and their restoration. */
import * as rx from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { ClusterError } from '../../src/model/cluster-error.ts'
import { VirtualClock } from '../../src/testing/simulation/time/virtual-clock.ts'
import type { World } from '../../src/testing/simulation/world.ts'
import { createRequire } from 'node:module'
import { rxProviders } from '../../src/testing/simulation/time/rx-providers.ts'
import { simulate } from '../../src/testing/simulation/simulate.ts'
import { withRxTime } from '../../src/testing/simulation/time/rx-time.ts'

const load = createRequire(import.meta.url)

/** Returns the code and the message of the error. */
function thrownBy(loader: (path: string) => unknown): [string, string] {
  try {
    rxProviders(loader)
    return ['', 'no error']
  } catch (error) {
    const { code, message } = error as ClusterError
    return [code, message]
  }
}

describe('a version of RxJS', () => {
  it('has all providers if it is supported', () => {
    expect(Object.keys(rxProviders())).toHaveLength(6)
  })

  it.each<[string, (path: string) => unknown]>([
    ['without the file of a provider', (path) => load(path.replace('intervalProvider', 'gone'))],
    ['without the export of a provider', (path) => (path.includes('intervalP') ? {} : load(path))],
    [
      'with a provider without a delegate',
      (path) => (path.includes('intervalP') ? { intervalProvider: { setInterval } } : load(path)),
    ],
  ])('%s is rejected with the name of the provider', (_, loader) => {
    expect(thrownBy(loader)).toEqual([
      'RXJS_UNSUPPORTED',
      'cannot simulate the time of RxJS: this version has no intervalProvider; ' +
        'install rxjs 7.8 (npm install rxjs@^7.8.2)',
    ])
  })

  it('is rejected if it is loaded twice', () => {
    const copy = { dateTimestampProvider: { delegate: undefined } }
    const [code, message] = thrownBy((path) => (path.includes('dateTime') ? copy : load(path)))
    expect([code, message]).toEqual(['RXJS_UNSUPPORTED', expect.stringContaining('npm dedupe')])
  })
})

describe('an action in asapScheduler and animationFrameScheduler', () => {
  /** Returns the time of an action of each process, scheduled by process 1 first. */
  function actionMoments(
    scheduler: rx.SchedulerLike,
    inject: (world: World) => void,
  ): [number, number][] {
    const ran: [number, number][] = []
    simulate({ peers: 3 }, (world) => {
      world.at(100, () => {
        for (const pid of world.pids) {
          world.as(pid, () => scheduler.schedule(() => ran.push([pid, performance.now()])))
        }
        inject(world)
      })
      world.run(1_000)
    })
    return ran
  }

  it('is dropped by a crash of its own process only', () => {
    const crash = (world: World): void => world.crash(1)
    expect(actionMoments(rx.asapScheduler, crash)).toEqual([
      [2, 100],
      [3, 100],
    ])
    expect(actionMoments(rx.animationFrameScheduler, crash)).toEqual([
      [2, 116],
      [3, 116],
    ])
  })

  it('is delayed by a pause of its own process only', () => {
    const pause = (world: World): void => {
      world.pause(1)
      world.at(500, () => world.resume(1))
    }
    expect(actionMoments(rx.asapScheduler, pause)).toEqual([
      [2, 100],
      [3, 100],
      [1, 500],
    ])
    expect(actionMoments(rx.animationFrameScheduler, pause)).toEqual([
      [2, 116],
      [3, 116],
      [1, 500],
    ])
  })

  it.each([
    ['asap', rx.asapScheduler],
    ['frame', rx.animationFrameScheduler],
  ])('%s: can be cancelled, repeats itself, and keeps its order', (_, scheduler) => {
    const ran: unknown[] = []
    simulate({ peers: 1 }, (world) => {
      scheduler.schedule(() => ran.push('a'))
      scheduler.schedule(() => ran.push('never')).unsubscribe()
      scheduler.schedule<number>(
        function (state = 0) {
          ran.push(state)
          if (state < 2) this.schedule(state + 1)
        },
        0,
        0,
      )
      scheduler.schedule(() => ran.push('b'))
      world.run(1_000)
    })
    expect(ran).toEqual(['a', 0, 'b', 1, 2])
  })

  it('is dropped when its simulation fails, and earlier real actions run afterwards', async () => {
    const ran: string[] = []
    const before = new Promise<void>((resolve) => {
      rx.asapScheduler.schedule(() => resolve(void ran.push('before')))
    })
    const failing = (): void =>
      simulate({ peers: 1 }, () => {
        rx.asapScheduler.schedule(() => ran.push('in the simulation'))
        throw new Error('mine')
      })
    expect(failing).toThrow('mine')
    await before
    await new Promise<void>((resolve) =>
      rx.asapScheduler.schedule(() => resolve(void ran.push('after'))),
    )
    expect(ran).toEqual(['before', 'after'])
  })
})

describe('time', () => {
  /** Returns a time that follows a clock. */
  function timeOf(clock: VirtualClock): Parameters<typeof withRxTime>[0] {
    return {
      nowMs: () => clock.nowMs,
      wallMs: () => clock.nowMs,
      after: (delayMs, work) => clock.at(clock.nowMs + delayMs, work),
      microtask: (work) => void clock.at(clock.nowMs, work),
    }
  }

  it('can be nested, and is restored after an error', () => {
    const [outer, inner] = [new VirtualClock(), new VirtualClock()]
    const seen: unknown[] = []
    const before = Object.values(rxProviders()).map(({ delegate }) => delegate)
    withRxTime(timeOf(outer), () => {
      rx.timer(10).subscribe(() => seen.push('outer'))
      const fail = (): void =>
        withRxTime(timeOf(inner), () => {
          rx.timer(5).subscribe(() => seen.push(rx.asyncScheduler.now()))
          while (inner.step(100));
          throw new Error('mine')
        })
      expect(fail).toThrow('mine')
      rx.timer(3).subscribe(() => seen.push(rx.asyncScheduler.now()))
      while (outer.step(100));
    })
    expect(seen).toEqual([5, 3, 'outer'])
    expect(Object.values(rxProviders()).map(({ delegate }) => delegate)).toEqual(before)
  })

  it('schedules one task for each timer of RxJS', () => {
    const clock = new VirtualClock()
    let timers = 0
    const time = timeOf(clock)
    const counted = {
      ...time,
      after: (ms: number, work: () => void) => (timers++, time.after(ms, work)),
    }
    withRxTime(counted, () => {
      rx.timer(10).subscribe()
      rx.interval(10).pipe(rx.take(5)).subscribe()
      while (clock.step(1_000));
    })
    expect([timers, clock.pending]).toEqual([6, 0])
  })

  it('rethrows errors of subscribers from step', () => {
    const clock = new VirtualClock()
    withRxTime(timeOf(clock), () => {
      rx.timer(10).subscribe(() => {
        throw new Error('mine')
      })
      expect(() => {
        while (clock.step(1_000));
      }).toThrow('mine')
    })
  })

  it('clears real timers with the real provider', async () => {
    const clock = new VirtualClock()
    let ran = false
    const outside = rx.timer(1).subscribe(() => (ran = true))
    withRxTime(timeOf(clock), () => outside.unsubscribe())
    await rx.firstValueFrom(rx.timer(20))
    expect(ran).toBe(false)
  })
})
