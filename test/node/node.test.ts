/** A node over a network in memory, on virtual time: every member and every rule. */
import { afterEach, describe, expect, it } from 'vitest'
import { BROADCAST } from '../../src/model/pid.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { World } from './world.ts'

let world: World
afterEach(() => world?.end())

const collect = <T>(stream: { subscribe(next: (value: T) => void): unknown }): T[] => {
  const all: T[] = []
  stream.subscribe((value) => all.push(value))
  return all
}

function law(node: ClusterNode): void {
  const { sent, delivered, dead, inFlight } = node.stats()
  expect(delivered + dead + inFlight).toBe(sent)
}

describe('mail', () => {
  it('an envelope with a pid on it shows up in the inbox of that peer, with the pid of its sender', () => {
    world = new World()
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    const heard = collect(two.inbox)
    one.outbox.next({ pid: 2, msg: { hello: 'world' } })
    world.run(10)
    expect(heard).toEqual([{ pid: 1, incarnation: one.incarnation, msgId: 1000, msg: { hello: 'world' } }])
    expect(one.stats()).toMatchObject({ sent: 1, delivered: 1, dead: 0, inFlight: 0 })
  })

  it('a broadcast reaches everybody but me', () => {
    world = new World()
    const nodes = world.cluster(5)
    const heard = nodes.map((node) => collect(node.inbox))
    nodes[0]?.outbox.next({ pid: BROADCAST, msg: 'all' })
    world.run(10)
    expect(heard.map((all) => all.length)).toEqual([0, 1, 1, 1, 1])
    law(nodes[0] as ClusterNode)
  })
})
