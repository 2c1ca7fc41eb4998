/** Link states, OrderedSubject and CoarseClock by themselves. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Links } from '../../src/model/peer.ts'
import { World } from './world.ts'
import { LinkStates } from '../../src/node/link-states.ts'
import { OrderedSubject } from '../../src/node/subjects/ordered-subject.ts'
import { CoarseClock } from '../../src/node/sending/coarse-clock.ts'
import type { Environment } from '../../src/ports/environment.ts'
import { openNode } from '../../src/node/open-node.ts'

let world: World
afterEach(() => world?.end())

const format = (links: Links): string =>
  [...links].map(([pid, { state }]) => `${pid}${state}`).join()

describe('links', () => {
  it('are current at each read without a subscriber, and emitted once per task with one', () => {
    world = new World()
    const states = new LinkStates(world.environment, [1, 2])
    states.set(1, 'up')
    expect(format(states.published.value)).toBe('1up,2connecting')
    states.set(2, 'up')
    const emitted: string[] = []
    states.published.subscribe((links) => emitted.push(format(links)))
    expect(emitted).toEqual(['1up,2up'])
    states.set(1, 'down')
    states.set(2, 'down')
    states.set(1, 'unresponsive')
    expect(emitted).toHaveLength(1)
    world.run(1)
    expect(emitted).toEqual(['1up,2up', '1unresponsive,2down'])
  })

  it('are current for the next subscriber after the last one has left', () => {
    world = new World()
    const states = new LinkStates(world.environment, [1])
    const first = states.published.subscribe()
    states.set(1, 'up')
    first.unsubscribe()
    const emitted: string[] = []
    states.published.subscribe((links) => emitted.push(format(links)))
    world.run(5)
    expect(emitted).toEqual(['1up'])
    states.set(1, 'down')
    world.run(5)
    expect(emitted).toEqual(['1up', '1down'])
  })

  it('are ready, once, when the peers that are not up are removed', () => {
    world = new World()
    const states = new LinkStates(world.environment, [1, 2])
    const emitted: string[] = []
    states.ready().subscribe({
      next: (links) => emitted.push(format(links)),
      complete: () => emitted.push('end'),
    })
    states.set(1, 'up')
    world.run(5)
    expect(emitted).toEqual([])
    states.syncPeers(new Map([[1, 1]]))
    world.run(5)
    expect(emitted).toEqual(['1up', 'end'])
  })

  it('are not ready because of a state that did not outlast its task', () => {
    world = new World()
    const states = new LinkStates(world.environment, [1, 2])
    const emitted: string[] = []
    states.ready().subscribe((links) => emitted.push(format(links)))
    states.set(1, 'up')
    states.set(2, 'up')
    states.set(1, 'down')
    world.run(5)
    expect(emitted).toEqual([])
    states.set(1, 'up')
    world.run(5)
    expect(emitted).toEqual(['1up,2up'])
  })

  it('ready errors with CLOSED at and after the end, unless it has completed', () => {
    world = new World()
    const states = new LinkStates(world.environment, [1])
    const emitted: unknown[] = []
    const subscribe = () =>
      states
        .ready()
        .subscribe({ next: () => emitted.push('ready'), error: ({ code }) => emitted.push(code) })
    subscribe()
    states.end()
    subscribe()
    expect(emitted).toEqual(['CLOSED', 'CLOSED'])
    expect(format(states.published.value)).toBe('1connecting')
  })

  it('a waiter of ready is removed when it unsubscribes', () => {
    world = new World()
    const states = new LinkStates(world.environment, [1])
    const subscription = states.ready().subscribe()
    subscription.unsubscribe()
    states.set(1, 'up')
    world.run(5)
    const emitted: string[] = []
    states.ready(1).subscribe((links) => emitted.push(format(links)))
    expect(emitted).toEqual(['1up'])
  })

  it('ready either completes or errors when the node closes in the same task', () => {
    world = new World()
    const states = new LinkStates(world.environment, [1])
    const emitted: unknown[] = []
    states
      .ready()
      .subscribe({ next: () => emitted.push('ready'), error: ({ code }) => emitted.push(code) })
    states.set(1, 'up')
    states.end()
    world.run(5)
    expect(emitted).toHaveLength(1)
  })
})

describe('an ordered subject', () => {
  it('does not emit earlier values to a subscriber that comes in the middle of them', () => {
    const subject = new OrderedSubject<number>()
    const emitted: string[] = []
    const first = subject.subscribe((value) => {
      emitted.push(`a${value}`)
      if (value > 1) return
      first.unsubscribe()
      subject.next(2)
      subject.subscribe((later) => emitted.push(`b${later}`))
      subject.next(3)
    })
    subject.next(1)
    expect(emitted).toEqual(['a1', 'b3'])
  })

  it('emits what came before complete(), and nothing after', () => {
    const subject = new OrderedSubject<number>()
    const emitted: unknown[] = []
    subject.subscribe({
      next: (value) => {
        emitted.push(value)
        if (value > 1) return
        subject.next(2)
        subject.complete()
        subject.next(3)
      },
      complete: () => emitted.push('end'),
    })
    subject.next(1)
    expect(emitted).toEqual([1, 2, 'end'])
  })
})

describe('a coarse clock', () => {
  it('an envelope that is sent after a long computation has its whole ttlMs', () => {
    world = new World()
    let extraMs = 0
    const environment: Environment = {
      ...world.environment,
      monotonicMs: () => world.scheduler.now() + extraMs,
    }
    world.open(2, [1, 2])
    const one = openNode(world.config(1, [1, 2]), 1, { environment, transport: world.transport() })
    world.nodes.push(one)
    world.run(1_000)
    const deadLetters: unknown[] = []
    one.deadLetters.subscribe(({ envelope, reason }) => deadLetters.push([envelope.msg, reason]))
    one.outbox.next({ pid: 2, msg: 'before', ttlMs: 10_000 })
    // A computation of 2 s in this task.
    extraMs += 2_000
    one.outbox.next({ pid: 2, msg: 'after', ttlMs: 1_000 })
    world.run(1_000)
    expect(deadLetters).toEqual([])
  })

  it('reads the system clock every 17th time, and in the next task', () => {
    let nowMs = 0
    const later: (() => void)[] = []
    const clock = new CoarseClock({
      monotonicMs: () => nowMs,
      microtask: (work: () => void) => later.push(work),
    } as never)
    expect(clock.nowMs()).toBe(0)
    nowMs = 5
    expect(clock.nowMs()).toBe(0)
    for (const work of later.splice(0)) work()
    expect(clock.nowMs()).toBe(5)
    nowMs = 9
    for (let count = 0; count < 16; count++) clock.nowMs()
    expect(clock.nowMs()).toBe(9)
    expect(later.length).toBeLessThan(3)
  })
})
