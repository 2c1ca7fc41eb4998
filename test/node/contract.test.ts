/** One suite for nodes over memory, ZeroMQ over tcp, and ZeroMQ over ipc. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bufferCount, firstValueFrom, from, mergeMap, take, toArray } from 'rxjs'
import { mkdtemp, rm } from 'node:fs/promises'
import { type Counts, countingTransport } from './counting.ts'
import { Real, until } from './real.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { systemEnvironment } from '../../src/ports/system.ts'
import type { Settings } from './world.ts'
import type { Transport } from '../../src/ports/transport.ts'
import { join } from 'node:path'
import { memoryTransport } from '../../src/transports/memory/memory-transport.ts'
import { tmpdir } from 'node:os'
import { zmqTransport } from '../../src/transports/zmq/zmq-transport.ts'

interface Setup {
  readonly transport: () => Transport
  /** Returns the address that node `pid` binds. */
  readonly bind: (directory: string, pid: number) => string
}

const setups: Record<string, Setup> = {
  memory: {
    transport: () => memoryTransport(systemEnvironment),
    bind: (_, pid) => `inproc://node-${pid}`,
  },
  'zmq over tcp': { transport: () => zmqTransport(), bind: () => 'tcp://127.0.0.1:0' },
  'zmq over ipc': {
    transport: () => zmqTransport(),
    bind: (directory, pid) => `ipc://${directory}/${pid}`,
  },
}

describe.each(Object.entries(setups))('a node over %s', (_, setup) => {
  let real: Real
  let counts: Counts
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rx-cluster-'))
    const counted = countingTransport(setup.transport())
    counts = counted.counts
    real = new Real(counted.transport)
  })
  afterEach(async () => {
    await real.close()
    await rm(directory, { recursive: true, force: true })
  })

  const open = (
    pid: number,
    settings: Settings = {},
  ): Promise<{ node: ClusterNode; endpoint: string }> =>
    real.open(pid, { bind: setup.bind(directory, pid), ...settings })

  /** Opens two nodes that are peers of each other. */
  async function pair(settings: Settings = {}): Promise<[ClusterNode, ClusterNode]> {
    const [one, two] = await Promise.all([open(1, settings), open(2, settings)])
    one.node.addPeer({ pid: 2, endpoint: two.endpoint })
    two.node.addPeer({ pid: 1, endpoint: one.endpoint })
    await Promise.all([firstValueFrom(one.node.ready()), firstValueFrom(two.node.ready())])
    return [one.node, two.node]
  }

  it('keeps the order, and sends many envelopes in one frame', async () => {
    const [one, two] = await pair()
    const received = firstValueFrom(two.inbox.pipe(take(4_000), toArray()))
    const before = counts.frames
    for (let msg = 0; msg < 4_000; msg++) one.outbox.next({ pid: 2, msg })
    expect((await received).map(({ msg }) => msg)).toEqual(
      Array.from({ length: 4_000 }, (_unused, msg) => msg),
    )
    expect(counts.frames - before).toBeLessThan(40)
  })

  it('detects that a peer has closed, and reconnects when it returns at the same address', async () => {
    const [one, two] = await pair()
    const { endpoint } = one.peers.value.get(2) as { endpoint: string }
    const down = until(one.links, (links) => links.get(2)?.state === 'down')
    await two.close()
    await down
    one.outbox.next({ pid: 2, msg: 'for the next' })
    const again = await open(2, { bind: endpoint, peers: two.peers.value })
    expect(await firstValueFrom(again.node.inbox)).toMatchObject({ pid: 1, msg: 'for the next' })
    expect(again.endpoint).toBe(endpoint)
  })

  it('is refused by a node of another cluster, with an event', async () => {
    const [one, two] = await Promise.all([open(1), open(2, { cluster: 'another' })])
    const refused = until(one.node.events, ({ type }) => type === 'refused-by-peer')
    one.node.addPeer({ pid: 2, endpoint: two.endpoint })
    expect(await refused).toMatchObject({ pid: 2, reason: 'wrong-cluster' })
  })

  it('refuses a removed peer, which gets an event, and accepts it again', async () => {
    const [one, two] = await pair()
    const peer = one.peers.value.get(2)
    if (peer === undefined) throw new Error('no peer')
    const refused = until(two.events, ({ type }) => type === 'refused-by-peer')
    one.removePeer(2)
    expect(await refused).toMatchObject({ pid: 1, reason: 'not-a-member' })
    two.outbox.next({ pid: 1, msg: 'patience' })
    one.addPeer(peer)
    expect(await firstValueFrom(one.inbox)).toMatchObject({ pid: 2, msg: 'patience' })
  })

  it('delivers a message of 16 MiB, and rejects one byte more', async () => {
    const [one, two] = await pair()
    const overhead = 5
    const msg = new Uint8Array(16 * 2 ** 20 - overhead).fill(7)
    const received = firstValueFrom(two.inbox)
    await firstValueFrom(one.deliver({ pid: 2, msg }))
    expect(Buffer.compare((await received).msg as Uint8Array, msg)).toBe(0)
    const dead = firstValueFrom(one.deadLetters)
    one.outbox.next({ pid: 2, msg: new Uint8Array(16 * 2 ** 20 - overhead + 1) })
    expect(await dead).toMatchObject({ reason: 'too-large' })
  })

  it('closes under load: every envelope is delivered or dead', async () => {
    const [one, two] = await pair()
    two.inbox.subscribe()
    one.inbox.subscribe()
    let dead = 0
    one.deadLetters.subscribe(() => dead++)
    for (let count = 0; count < 3_000; count++) {
      one.outbox.next({ pid: 2, msg: count })
      two.outbox.next({ pid: 1, msg: count })
    }
    await Promise.all([one.close(), two.close()])
    const { sent, delivered, inFlight } = one.stats()
    expect([sent, delivered + dead, inFlight]).toEqual([3_000, 3_000, 0])
  })

  it('closes every connection that it opens', async () => {
    const [one, two] = await pair()
    const peer = one.peers.value.get(2)
    if (peer === undefined) throw new Error('no peer')
    for (let count = 0; count < 5; count++) {
      one.removePeer(2)
      one.addPeer(peer)
      await firstValueFrom(one.deliver({ pid: 2, msg: count }))
    }
    await Promise.all([one.close(), two.close()])
    await expect.poll(() => counts.opened - counts.closed).toBe(0)
    expect(counts.opened).toBeGreaterThan(8)
  })

  it('delivers through a queue that is always full, since the sender waits', async () => {
    const [one, two] = await pair({ bufSize: 16 })
    two.inbox.subscribe()
    const numbers = Array.from({ length: 2_000 }, (_unused, msg) => msg)
    const receipts = from(numbers).pipe(
      mergeMap((msg) => one.deliver({ pid: 2, msg }), 16),
      bufferCount(2_000),
    )
    expect(await firstValueFrom(receipts)).toHaveLength(2_000)
    expect(one.stats()).toMatchObject({ delivered: 2_000, dead: 0 })
  })
})
