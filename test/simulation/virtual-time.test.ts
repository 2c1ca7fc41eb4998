/** Virtual time: RxJS, dates and random numbers follow it, and other sources are reported. */
import * as rx from 'rxjs'
import { describe, expect, it, vi } from 'vitest'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs'
import timers from 'node:timers'
import type { ClusterError } from '../../src/model/cluster-error.ts'
import type { Protocol, World } from '../../src/testing/simulation/world.ts'
import { simulate } from '../../src/testing/simulation/simulate.ts'
import { intervalProvider } from 'rxjs/internal/scheduler/intervalProvider'

const runOn = (world: World): void => world.run(1_000)

/** Returns the outputs of a protocol on one node, with their times. */
function outputs(protocol: Protocol, ms = 1_000): [number, unknown][] {
  const seen: [number, unknown][] = []
  simulate({ peers: [1], protocol }, (world) => {
    world.trace.subscribe((event) => {
      if (event.type === 'output') seen.push([event.atMs, event.value])
    })
    world.run(ms)
  })
  return seen
}

describe('RxJS in a simulation', () => {
  it.each<[string, () => rx.Observable<unknown>, [number, unknown][]]>([
    [
      'timer',
      () => rx.timer(70, 100).pipe(rx.take(2)),
      [
        [70, 0],
        [170, 1],
      ],
    ],
    [
      'interval',
      () => rx.interval(300),
      [
        [300, 0],
        [600, 1],
        [900, 2],
      ],
    ],
    [
      'timeout',
      () => rx.NEVER.pipe(rx.timeout({ first: 40, with: () => rx.of('late') })),
      [[40, 'late']],
    ],
    ['delay', () => rx.of(1).pipe(rx.delay(30)), [[30, 1]]],
    ['debounceTime', () => rx.interval(50).pipe(rx.take(3), rx.debounceTime(60)), [[150, 2]]],
    [
      'auditTime',
      () => rx.interval(50).pipe(rx.take(4), rx.auditTime(60)),
      [
        [110, 0 + 1],
        [210, 3],
      ],
    ],
    [
      'bufferTime',
      () => rx.interval(40).pipe(rx.take(2), rx.bufferTime(100), rx.take(1)),
      [[80, [0, 1]]],
    ],
    ['asap', () => rx.timer(5).pipe(rx.observeOn(rx.asapScheduler)), [[5, 0]]],
    ['async', () => rx.of('a', rx.asyncScheduler), [[0, 'a']]],
    [
      'animation frames',
      () =>
        rx.animationFrames().pipe(
          rx.take(1),
          rx.map(({ elapsed }) => elapsed),
        ),
      [[16, 16]],
    ],
    [
      'timestamp',
      () =>
        rx.timer(5).pipe(
          rx.timestamp(),
          rx.map(({ timestamp }) => timestamp),
        ),
      [[5, Date.UTC(2020, 0, 1) + 5]],
    ],
    [
      'timeInterval',
      () =>
        rx.timer(5).pipe(
          rx.timeInterval(),
          rx.map((one) => one.interval),
        ),
      [[5, 5]],
    ],
  ])('%s needs no scheduler', (_, stream, expected) => {
    expect(outputs(stream)).toEqual(expected)
  })

  it('is restored afterwards, even if the simulation throws', () => {
    const { random } = Math
    const RealDate = Date
    expect(() =>
      simulate({ peers: 1 }, () => {
        throw new Error('mine')
      }),
    ).toThrow('mine')
    expect([Math.random, Date, intervalProvider.delegate]).toEqual([random, RealDate, undefined])
  })

  it('reports errors of the protocol', () => {
    const protocol = (): rx.Observable<unknown> =>
      rx.timer(10).pipe(
        rx.map(() => {
          throw new Error('at ten')
        }),
      )
    expect(() => outputs(protocol)).toThrow(
      'no errors: the protocol of 1 failed: Error: at ten (at 10 ms, seed 1)',
    )
  })
})

describe('an endless loop at one moment', () => {
  it('of microtasks throws', () => {
    const protocol: Protocol = () =>
      rx.asapScheduler.schedule(function () {
        this.schedule()
      })
    expect(() => simulate({ peers: 1, protocol }, runOn)).toThrow(
      '1000000 microtasks ran at one moment: look for code that schedules itself again',
    )
  })
})

describe('dates and random numbers', () => {
  it('are those of the process', () => {
    const seen: unknown[] = []
    const protocol: Protocol = (_, { pid }) =>
      rx.timer(100).pipe(
        rx.map(() => {
          seen.push([pid, Date.now() - Date.UTC(2020, 0, 1), performance.now()])
          return (
            new Date().getTime() === Date.now() &&
            new Date(5).getTime() === 5 &&
            new Date() instanceof Date
          )
        }),
      )
    const well: unknown[] = []
    simulate({ peers: 2, protocol, network: '(skew 2 x2 +500ms)' }, (world) => {
      world.trace.subscribe((event) => event.type === 'output' && well.push(event.value))
      world.run(200)
    })
    // The timer of node 2 was set before the skew.
    expect(seen).toEqual([
      [1, 100, 100],
      [2, 700, 200],
    ])
    expect(well).toEqual([true, true])
  })

  it('follow from the seed', () => {
    const randomNumbers = (seed: number): number[] => {
      const numbers: number[] = []
      const protocol: Protocol = () => void numbers.push(Math.random(), Math.random())
      simulate({ seed, peers: 2, protocol }, runOn)
      return numbers
    }
    expect(randomNumbers(1)).toEqual(randomNumbers(1))
    expect(new Set([...randomNumbers(1), ...randomNumbers(2)]).size).toBe(8)
  })
})

describe('nondeterminism', () => {
  const here = /virtual-time\.test\.ts:\d+:\d+/
  it.each<[string, () => unknown]>([
    ['a Promise was created', async () => undefined],
    ['a Promise was created', () => new Promise(() => undefined)],
    ['a Promise was created', () => rx.firstValueFrom(rx.of(1))],
    ['setTimeout', () => clearTimeout(setTimeout(() => undefined, 1))],
    ['setInterval', () => clearInterval(setInterval(() => undefined, 1))],
    ['setImmediate', () => clearImmediate(setImmediate(() => undefined))],
    ['queueMicrotask', () => queueMicrotask(() => undefined)],
    ['nextTick', () => process.nextTick(() => undefined)],
    ['setTimeout was called', () => clearTimeout(timers.setTimeout(() => undefined, 1))],
    ['use timer() or interval() of RxJS', () => clearTimeout(setTimeout(() => undefined, 1))],
    ['use asapScheduler of RxJS', () => queueMicrotask(() => undefined)],
    ['subscribe to an Observable', async () => undefined],
    ['I/O was started', () => readFile('/dev/null', () => undefined)],
    ['crypto.randomBytes was called', () => randomBytes(4, () => undefined)],
  ])('%s: is reported with its source line', (what, violate) => {
    const run = (): void => simulate({ peers: 1, protocol: () => void violate() }, runOn)
    let thrown: ClusterError | undefined
    try {
      run()
    } catch (error) {
      thrown = error as ClusterError
    }
    expect(thrown?.code).toBe('NONDETERMINISTIC')
    expect(thrown?.message).toContain(what)
    expect(thrown?.message).toMatch(here)
  })

  it('is not reported for closing a node or writing to the console', () => {
    const log = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    simulate({ peers: 2 }, (world) => {
      void world.node(1).close()
      console.log('hello')
      world.run(100)
    })
    log.mockRestore()
  })
})
