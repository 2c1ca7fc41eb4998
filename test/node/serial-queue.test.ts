/** Serial queues: by themselves, and of a link that several nodes share. */
import { afterEach, describe, expect, it } from 'vitest'
import { collect, msgs } from './collect.ts'
import { World, endpointOf } from './world.ts'
import { SerialQueue } from '../../src/node/subjects/serial-queue.ts'

let world: World
afterEach(() => world?.end())

describe('a shared link whose sessions change during its callbacks', () => {
  it('gets a new session in the task in which its last other session leaves', () => {
    world = new World()
    const shared = world.transport()
    const one = world.open(1, [1, 2], {}, shared)
    const three = world.open(3, [2, 3], {}, shared)
    const two = world.open(2, [1, 2, 3])
    const received = collect(two.inbox)
    world.run(1_000)
    expect(one.links.value.get(2)?.state).toBe('up')
    expect(three.links.value.get(2)?.state).toBe('up')
    let done = false
    one.events.subscribe((event) => {
      if (done || event.type !== 'link' || event.state !== 'down') return
      done = true
      // One node starts a new session, the other one leaves.
      one.removePeer(2)
      one.addPeer({ pid: 2, endpoint: endpointOf(2) })
      three.removePeer(2)
    })
    world.network.cut(endpointOf(2))
    world.run(10_000)
    expect(done).toBe(true)
    one.outbox.next({ pid: 2, msg: 'x' })
    world.run(10_000)
    expect(one.links.value.get(2)?.state).toBe('up')
    expect(msgs(received)).toEqual(['x'])
  })

  it('has no session of a peer that is removed before its session was added', () => {
    world = new World()
    const shared = world.transport()
    const one = world.open(1, [1, 2], {}, shared)
    world.open(3, [2, 3], {}, shared)
    world.open(2, [1, 2, 3])
    world.run(1_000)
    let done = false
    const states: unknown[] = []
    one.events.subscribe((event) => {
      if (event.type === 'link' && done) states.push(event.state)
      if (done || event.type !== 'link' || event.state !== 'down') return
      done = true
      one.removePeer(2)
      one.addPeer({ pid: 2, endpoint: endpointOf(2) })
      one.removePeer(2)
    })
    world.network.cut(endpointOf(2))
    world.run(10_000)
    expect(done).toBe(true)
    expect([...one.peers.value.keys()]).toEqual([])
    expect([...one.links.value.keys()]).toEqual([])
    expect(states).toEqual([])
  })

  it('emits events of a new peer only after the node knows the peer', () => {
    world = new World()
    const shared = world.transport()
    world.open(3, [2, 3], {}, shared)
    const one = world.open(1, [1], {}, shared)
    world.run(1_000)
    const deadLetters = collect(one.deadLetters)
    const states: unknown[] = []
    one.events.subscribe((event) => {
      if (event.type !== 'link') return
      states.push(event.state)
      one.outbox.next({ pid: 2, msg: 'x', ttlMs: 100_000 })
    })
    one.addPeer({ pid: 2, endpoint: endpointOf(2) })
    expect(states).toEqual(['down'])
    expect(deadLetters).toEqual([])
  })

  it('is not shared by two nodes of one pid', () => {
    world = new World()
    const shared = world.transport()
    const three = world.open(3, [2, 3], {}, shared)
    const two = world.open(2, [1, 2, 3])
    world.run(1_000)
    const duplicates: ReturnType<World['open']>[] = []
    three.events.subscribe((event) => {
      if (duplicates.length > 0 || event.type !== 'link' || event.state !== 'down') return
      duplicates.push(world.open(1, [1, 2], {}, shared))
      duplicates.push(world.open(1, [1, 2], { bind: 'tcp://127.0.0.1:7001' }, shared))
    })
    world.network.cut(endpointOf(2))
    world.run(1_000)
    world.run(60_000)
    expect(duplicates.length).toBe(2)
    // One of them is superseded, and both have had an answer.
    const states = duplicates.map((duplicate) => duplicate.links.value.get(2)?.state)
    expect(states).toContain('up')
    expect(states).not.toContain('connecting')
    void two
  })
})

it('a delivery that fails while it is queued errors, and can be retried', () => {
  world = new World()
  const [one] = world.cluster(2)
  const ends: unknown[] = []
  // The 16th of a task is flushed at once: it expires before `sendDelivery` returns.
  const all = Array.from({ length: 16 }, (_, msg) => one!.deliver({ pid: 2, msg, ttlMs: 0 }))
  for (const delivery of all) delivery.subscribe({ error: (error) => ends.push(error) })
  world.run(100)
  expect(ends).toHaveLength(16)
  for (const delivery of all) delivery.subscribe({ error: (error) => ends.push(error) })
  world.run(100)
  expect(ends).toHaveLength(32)
  expect(one!.stats()).toMatchObject({ sent: 32, dead: 32, inFlight: 0 })
})

describe('a serial queue whose work throws', () => {
  it('works on the items behind it first, in order, and then throws the first error', () => {
    const worked: number[] = []
    const queue: SerialQueue<number, undefined> = new SerialQueue((item) => {
      worked.push(item)
      if (item === 1) for (const next of [2, 3, 4]) queue.run(next)
      if (item % 2 === 1) throw new Error(`item ${item}`)
    }, undefined)
    expect(() => queue.run(1)).toThrow('item 1')
    expect(worked).toEqual([1, 2, 3, 4])
    queue.run(6)
    expect(worked).toEqual([1, 2, 3, 4, 6])
  })
})
