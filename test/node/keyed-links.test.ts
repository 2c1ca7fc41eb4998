/** Links with keys: every pid is proven, on every connection, by the key that its peers have. */
import { afterEach, describe, expect, it } from 'vitest'
import { firstValueFrom } from 'rxjs'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { KeyPair } from '../../src/ports/keys.ts'
import type { NodeEvent } from '../../src/model/node-event.ts'
import type { Pid } from '../../src/model/pid.ts'
import type { Transport } from '../../src/ports/transport.ts'
import { World, endpointOf } from './world.ts'
import { collect } from './collect.ts'
import { formatKey } from '../../src/keys/key-text.ts'
import { generateClusterSecret } from '../../src/keys/cluster-secret.ts'
import { generateKeyPair } from '../../src/keys/x25519.ts'
import { openNode } from '../../src/node/open-node.ts'

const pairs = Array.from({ length: 8 }, generateKeyPair)
const pairAt = (index: number): KeyPair => pairs[index] ?? generateKeyPair()
const publicKey = (index: number): string => formatKey(pairAt(index).publicKey)
const secretKey = (index: number): string => formatKey(pairAt(index).secretKey)
const peerAt = (pid: Pid, ...keys: readonly number[]) => ({
  pid,
  endpoint: endpointOf(pid),
  publicKey: (keys.length === 0 ? [pid] : keys).map(publicKey),
})
const refusals = (events: readonly NodeEvent[]): string[] =>
  events.flatMap((event) =>
    event.type === 'refused-peer' ? [`${event.pid}: ${event.reason}`] : [],
  )

describe('links with keys', () => {
  let world: World
  afterEach(() => world.end())

  function open(
    pid: Pid,
    members: readonly ReturnType<typeof peerAt>[],
    key = pid,
    transport: Transport = world.transport(),
  ): ClusterNode {
    const { environment } = world
    const options = { environment, transport, secretKey: secretKey(key) }
    const node = openNode({ cluster: 'keys', peers: members }, pid, options)
    world.nodes.push(node)
    return node
  }

  const statesOf = ({ links }: ClusterNode): Record<number, string> =>
    Object.fromEntries([...links.value].map(([pid, { state }]) => [pid, state]))

  it('come up between nodes that have each other’s keys, and carry envelopes', async () => {
    world = new World()
    const members = [peerAt(1), peerAt(2), peerAt(3)]
    const [one, two, three] = [1, 2, 3].map((pid) => open(pid, members))
    world.run(1_000)
    for (const node of [one, two, three]) expect([...(node?.links.value ?? [])]).toHaveLength(2)
    expect(statesOf(one!)).toEqual({ 2: 'up', 3: 'up' })
    const received = collect(three!.inbox)
    const receipt = firstValueFrom(two!.deliver({ pid: 3, msg: 'hello' }))
    world.run(100)
    expect(await receipt).toMatchObject({ pid: 3 })
    expect(received).toMatchObject([{ pid: 2, msg: 'hello' }])
  })

  it('come up with keys that are derived from one secret', () => {
    world = new World()
    const clusterSecret = generateClusterSecret()
    const peers = [1, 2].map((pid) => ({ pid, endpoint: endpointOf(pid) }))
    const [one] = [1, 2].map((pid) => {
      const { environment } = world
      const options = { environment, transport: world.transport(), clusterSecret }
      const node = openNode({ cluster: 'keys', peers }, pid, options)
      world.nodes.push(node)
      return node
    })
    world.run(1_000)
    expect(statesOf(one!)).toEqual({ 2: 'up' })
  })

  it('refuse a process with another key than the pid has', () => {
    world = new World()
    const one = open(1, [peerAt(1), peerAt(2)])
    const impostor = open(2, [peerAt(1), peerAt(2, 5)], 5)
    world.run(2_000)
    expect(statesOf(one)).toEqual({ 2: 'down' })
    expect(impostor.links.value.get(1)).toMatchObject({
      state: 'down',
      reason: `${endpointOf(1)} refused the public key of this node`,
    })
  })

  it('refuse a member that claims the pid of another member, and keep both of them', () => {
    world = new World()
    const one = open(1, [peerAt(1), peerAt(2), peerAt(3)])
    const two = open(2, [peerAt(1), peerAt(2), peerAt(3)])
    world.run(1_000)
    const events = collect(one.events)
    const received = collect(one.inbox)
    // A process with the key of 3 runs 3 and a second 2: its connection is admitted for 3.
    const transport = world.transport()
    const three = open(3, [peerAt(1), peerAt(3)], 3, transport)
    const members = [peerAt(1), { ...peerAt(2, 6), endpoint: endpointOf(20) }]
    const second = open(2, members, 6, transport)
    world.run(5_000)
    expect(refusals(events)).toEqual(['2: not-proven'])
    expect(second.links.value.get(1)?.state).toBe('down')
    expect(statesOf(three)).toEqual({ 1: 'up' })
    second.outbox.next({ pid: 1, msg: 'forged' })
    two.outbox.next({ pid: 1, msg: 'from 2' })
    three.outbox.next({ pid: 1, msg: 'from 3' })
    world.run(1_000)
    expect(received.map(({ pid, msg }) => `${pid}: ${msg}`).toSorted()).toEqual([
      '2: from 2',
      '3: from 3',
    ])
  })

  it('stay up for a node of a process when another node of it is removed', () => {
    world = new World()
    const members = [peerAt(1), peerAt(3), peerAt(4)]
    const one = open(1, members)
    const transport = world.transport()
    const [three, four] = [3, 4].map((pid) => open(pid, members, pid, transport))
    world.run(1_000)
    one.removePeer(3)
    world.run(500)
    expect([three?.links.value.get(1)?.state, four?.links.value.get(1)?.state]).toEqual([
      'down',
      'up',
    ])
    // The next connection of the link may begin with the key of 3, which is refused now.
    world.network.cut(endpointOf(1))
    world.run(5_000)
    expect(four?.links.value.get(1)?.state).toBe('up')
    one.addPeer(peerAt(3))
    world.run(5_000)
    expect(three?.links.value.get(1)?.state).toBe('up')
  })

  it('are kept while a key is replaced, and nothing is lost', () => {
    world = new World()
    const one = open(1, [peerAt(1), peerAt(2)])
    const received = collect(one.inbox)
    let two = open(2, [peerAt(1), peerAt(2)])
    world.run(1_000)
    const states = collect(one.events)
    two.outbox.next({ pid: 1, msg: 'before' })
    one.addPeer(peerAt(2, 2, 7))
    world.run(100)
    expect(states.filter(({ type }) => type === 'link')).toEqual([])
    void two.close()
    world.run(6_000)
    two = open(2, [peerAt(1), peerAt(2, 7)], 7)
    two.outbox.next({ pid: 1, msg: 'with the new key' })
    world.run(3_000)
    one.addPeer(peerAt(2, 7))
    two.outbox.next({ pid: 1, msg: 'after' })
    world.run(1_000)
    expect(received.map(({ msg }) => msg)).toEqual(['before', 'with the new key', 'after'])
    expect(statesOf(one)).toEqual({ 2: 'up' })
  })

  it('end when the key of the sender is removed while it is connected', () => {
    world = new World()
    const one = open(1, [peerAt(1), peerAt(2)])
    const received = collect(one.inbox)
    const two = open(2, [peerAt(1), peerAt(2)])
    world.run(1_000)
    one.addPeer(peerAt(2, 7))
    two.outbox.next({ pid: 1, msg: 'with a former key' })
    world.run(1_000)
    expect(received).toEqual([])
    expect(two.links.value.get(1)?.state).toBe('down')
    one.addPeer(peerAt(2))
    world.run(5_000)
    expect(received.map(({ msg }) => msg)).toEqual(['with a former key'])
  })
})
