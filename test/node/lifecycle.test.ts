/** pause, ready and closed of a node. */
import { NEVER, concat, interval, lastValueFrom, of, takeUntil, toArray } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import { collect, msgs } from './collect.ts'
import { World, endpointOf } from './world.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { ClusterError } from '../../src/model/cluster-error.ts'
import { simulate } from '../../src/testing/simulation/simulate.ts'

let world: World
afterEach(() => world?.end())

function pair(limits: object = {}): [ClusterNode, ClusterNode] {
  world = new World()
  return world.cluster(2, limits) as [ClusterNode, ClusterNode]
}

describe('pause', () => {
  it('is a Subscription: unsubscribing resumes, once', () => {
    const [one, two] = pair()
    const received = collect(two.inbox)
    const paused = two.pause()
    const again = two.pause()
    one.outbox.next({ pid: 2, msg: 1 })
    world.run(100)
    paused.unsubscribe()
    paused.unsubscribe()
    expect([two.stats().pauses, paused.closed, received]).toEqual([1, true, []])
    again.unsubscribe()
    world.run(100)
    expect(msgs(received)).toEqual([1])
  })

  it('ends with a stream that it is added to', () => {
    const [, two] = pair()
    const work = NEVER.subscribe()
    work.add(two.pause())
    expect(two.stats().pauses).toBe(1)
    work.unsubscribe()
    expect(two.stats().pauses).toBe(0)
  })

  it('is disposable', () => {
    const [, two] = pair()
    two.pause()[Symbol.dispose]()
    expect(two.stats().pauses).toBe(0)
  })
})

describe('closed', () => {
  it('emits once and completes after every other stream, and so for a later subscriber', () => {
    const [one] = pair()
    const log: string[] = []
    const watch = (name: string) => ({
      next: () => void log.push(`${name} emits`),
      complete: () => void log.push(`${name} completes`),
    })
    one.closed.subscribe(watch('closed'))
    one.deadLetters.subscribe(watch('deadLetters'))
    void one.close()
    expect(log).toEqual([])
    world.run(10_000)
    const closed = ['closed emits', 'closed completes']
    expect(log).toEqual(['deadLetters completes', ...closed])
    one.closed.subscribe(watch('closed'))
    expect(log).toEqual(['deadLetters completes', ...closed, ...closed])
  })

  it('ends the streams of a protocol in a simulation', () => {
    simulate({ peers: 1 }, (sim) => {
      const ticks: unknown[] = []
      sim.node(1).closed.subscribe(() => ticks.push('closed'))
      sim.as(1, (node) => void node.close())
      sim.run(10_000)
      expect(ticks).toEqual(['closed'])
    })
  })

  it('ends a stream by takeUntil', async () => {
    const [one] = pair()
    void one.close()
    world.run(10_000)
    const ended = interval(1_000).pipe(takeUntil(one.closed), toArray())
    expect(await lastValueFrom(concat(ended, of('end')))).toBe('end')
  })
})

describe('ready({ timeoutMs })', () => {
  function errorOf(options: object, runMs: number): ClusterError {
    world = new World()
    const one = world.open(1, [1, 2, 3, 4])
    world.open(2, [1, 2])
    let thrown: unknown
    one.ready(options).subscribe({ error: (error: unknown) => (thrown = error) })
    world.run(runMs - 1)
    expect(thrown).toBeUndefined()
    world.run(1)
    expect(thrown).toBeInstanceOf(ClusterError)
    return thrown as ClusterError
  }

  it('errors with NOT_READY, and names the peers that are not up, with the reasons', () => {
    const error = errorOf({ timeoutMs: 2_000 }, 2_000)
    expect(error.code).toBe('NOT_READY')
    const issues = [3, 4].map((pid) => `peer ${pid} is down (no listener at ${endpointOf(pid)})`)
    expect(error.issues).toEqual(issues)
    expect(error.message).toBe(`not all peers are up after 2000 ms: ${issues.join(', ')}`)
  })

  it('says how many were asked for, and lists up to 20', () => {
    world = new World()
    const pids = Array.from({ length: 30 }, (_, index) => index + 1)
    let message = ''
    const one = world.open(1, pids)
    one
      .ready({ count: 3, timeoutMs: 10 })
      .subscribe({ error: (error) => (message = error.message) })
    world.run(10)
    expect(message).toMatch(/^not 3 peers are up after 10 ms: peer 2 is .*, peer 21 is /)
    expect(message).toMatch(/ and 9 others are not up$/)
  })

  it('emits when enough peers are up in time, and leaves no timer', () => {
    world = new World()
    const one = world.open(1, [1, 2, 3])
    world.open(2, [1, 2])
    const log: unknown[] = []
    one.ready({ count: 1, timeoutMs: 2_000 }).subscribe({
      next: (links) => log.push(links.get(2)?.state),
      error: (error) => log.push(error),
    })
    one.ready({ count: 2, timeoutMs: Infinity }).subscribe({ error: (error) => log.push(error) })
    world.run(60_000)
    expect(log).toEqual(['up'])
  })

  it('refuses what is no option', () => {
    const [one] = pair()
    const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT' })
    expect(() => one.ready(-1)).toThrow(refused)
    expect(() => one.ready({ timeoutMs: Number.NaN })).toThrow(refused)
    expect(() => one.ready({ timeout: 5 } as never)).toThrow(/did you mean timeoutMs/)
  })
})
