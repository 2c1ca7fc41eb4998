/** Why a link is down: `links`, the event `link`, and `peer-restarted`. */
import { type Server, createServer } from 'node:net'
import { type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Real, until } from './real.ts'
import { World, endpointOf, peerOf } from './world.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { NodeEvent } from '../../src/model/node-event.ts'
import { collect } from './collect.ts'
import { zmqTransport } from '../../src/transports/zmq/zmq-transport.ts'

type LinkEvent = Extract<NodeEvent, { readonly type: 'link' }>

const linkEvents = (events: readonly NodeEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.type !== 'link') return []
    return [event.reason === undefined ? event.state : `${event.state}: ${event.reason}`]
  })

describe('the reason of a link over TCP', () => {
  let real: Real
  let server: Server | undefined
  afterEach(async () => {
    await real.close()
    server?.close()
    server = undefined
  })

  /** Listens as another program, and returns its endpoint. */
  async function listen(firstBytes: string | undefined): Promise<string> {
    server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.resume()
      if (firstBytes !== undefined) socket.write(firstBytes)
      server?.once('close', () => socket.destroy())
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** Returns the link to an endpoint once it is down. */
  async function downLink(endpoint: string): Promise<string | undefined> {
    real = new Real(zmqTransport({ handshakeMs: 200 }))
    const { node } = await real.open(1, { insecure: true })
    const event = until(node.events, (one): one is LinkEvent => one.type === 'link')
    node.addPeer({ pid: 2, endpoint })
    const { reason } = (await event) as LinkEvent
    expect(node.links.value.get(2)).toMatchObject({ state: 'down', reason })
    return reason
  }

  it('is that of the resolver for a host name that does not exist', async () => {
    expect(await downLink('tcp://oders-2.invalid:5000')).toMatch(/getaddrinfo \w+ oders-2.invalid/)
  })

  it('names the address where nothing listens', async () => {
    const endpoint = await listen(undefined)
    await new Promise((resolve) => server?.close(resolve))
    expect(await downLink(endpoint)).toBe(`no answer from ${endpoint}`)
  })

  it('says that a server of another protocol did not complete the handshake', async () => {
    const endpoint = await listen('220 host.example ESMTP\r\n'.repeat(10))
    expect(await downLink(endpoint)).toMatch(/^tcp:.* (did not complete|failed) the handshake/)
  })

  it('says so of a server that is silent', async () => {
    const endpoint = await listen(undefined)
    expect(await downLink(endpoint)).toMatch(/^tcp:.* (did not complete|failed) the handshake/)
  })
})

describe('the reason of a link', () => {
  let world: World
  afterEach(() => world.end())

  function pair(): [ClusterNode, ClusterNode] {
    world = new World()
    return world.cluster(2) as [ClusterNode, ClusterNode]
  }

  it('is emitted once per change, not once per attempt, with the time of the state', () => {
    const [one] = pair()
    const events = collect(one.events)
    const since = one.links.value.get(2)?.sinceMs
    const links = collect(one.links)
    expect(since).toBeLessThan(100)
    void world.nodes[1]?.close()
    world.run(20_000)
    expect(linkEvents(events)).toEqual([
      'down: the peer has closed',
      `down: no listener at ${endpointOf(2)}`,
    ])
    const down = links.filter((all) => all.get(2)?.state === 'down').map((all) => all.get(2))
    expect(down.at(-1)).toEqual({
      state: 'down',
      sinceMs: down[0]?.sinceMs,
      reason: `no listener at ${endpointOf(2)}`,
    })
    expect(down[0]?.sinceMs).toBeGreaterThanOrEqual(1_000)
    expect(down[0]?.sinceMs).toBeLessThan(2_000)
    world.open(2, [1, 2])
    world.run(5_000)
    expect(linkEvents(events).slice(2)).toEqual(['up'])
    expect(one.links.value.get(2)).toEqual({ state: 'up', sinceMs: expect.any(Number) })
    expect(one.links.value.get(2)?.sinceMs).toBeGreaterThan(20_000)
  })

  it('is the refusal of the peer, and then what follows it', () => {
    world = new World()
    const two = world.open(2, [2, 3])
    const one = world.open(1, [1, 2])
    const events = collect(one.events)
    world.run(5_000)
    const refusal = 'down: not-a-member: node 1 is not among the peers of node 2'
    expect(linkEvents(events)).toEqual([refusal])
    two.addPeer(peerOf(1))
    world.run(5_000)
    two.removePeer(1)
    world.run(100)
    const removed = 'down: not-a-member: removed from the peers'
    expect(linkEvents(events)).toEqual([refusal, 'up', removed])
    void two.close()
    world.run(60_000)
    expect(one.links.value.get(2)?.reason).toBe(`no listener at ${endpointOf(2)}`)
  })

  it('is the refusal where the whole link was refused, while the node tries again', () => {
    world = new World()
    world.open(2, [1, 2], { cluster: 'others' })
    const one = world.open(1, [1, 2])
    const events = collect(one.events)
    world.run(60_000)
    expect(linkEvents(events)).toEqual([
      'down: wrong-cluster: node 2 is in cluster others, not test',
    ])
  })

  it('is nothing that an application can change: links has no next', () => {
    const [one] = pair()
    expect('next' in one.links).toBe(false)
    expect('complete' in one.links).toBe(false)
    expect(Object.isFrozen(one.links.value.get(2))).toBe(true)
    expect(() => Object.assign(one.links, { value: new Map() })).toThrow(TypeError)
  })
})

describe('peer-restarted', () => {
  let world: World
  afterEach(() => world.end())
  const restarts = (events: readonly NodeEvent[]): string[] =>
    events.flatMap((event) => (event.type === 'peer-restarted' ? [event.incarnation] : []))

  it('is emitted when only this node connects, by what WELCOME says', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const events = collect(one.events)
    // Node 2 knows another address of node 1: its own connections never arrive.
    const elsewhere = new Map([[1, { ...peerOf(1), endpoint: 'tcp://127.0.0.1:9' }]])
    const incarnations = [1, 2, 3].map(() => {
      const two = world.open(2, [], { peers: elsewhere })
      world.run(5_000)
      void two.close()
      world.run(5_000)
      return two.incarnation
    })
    expect(restarts(events)).toEqual(incarnations.slice(1))
  })

  it('is emitted once for each restart where both connect, and not for a lost connection', () => {
    world = new World()
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    const events = collect(one.events)
    world.network.cut(endpointOf(2))
    world.run(5_000)
    expect(restarts(events)).toEqual([])
    void two.close()
    world.run(5_000)
    const again = world.open(2, [1, 2])
    world.run(10_000)
    expect(restarts(events)).toEqual([again.incarnation])
  })

  it('is not emitted for a peer that was removed and is added again', () => {
    world = new World()
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    const events = collect(one.events)
    one.removePeer(2)
    void two.close()
    world.run(5_000)
    world.open(2, [1, 2])
    one.addPeer(2)
    world.run(5_000)
    expect(one.links.value.get(2)?.state).toBe('up')
    expect(restarts(events)).toEqual([])
  })
})
