/** Nodes over sockets: large clusters, ports in use, and invalid frames. */
import type { Incarnation } from '../../src/model/envelope.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { bufferCount, firstValueFrom, from, mergeMap, scan, take, toArray } from 'rxjs'
import { Real, until } from './real.ts'
import { BROADCAST } from '../../src/model/pid.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { NodeEvent } from '../../src/model/node-event.ts'
import { Dealer } from 'zeromq'
import { createConnection } from 'node:net'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromPeer } from '../../src/operators/from-peer.ts'

let real: Real
afterEach(() => real?.close())

describe('clusters', () => {
  it('ten nodes in a ring, each sends the next 37,888 bytes that contain # and *', async () => {
    real = new Real()
    const nodes = await real.cluster(10)
    const text = '#*'.repeat(37_888 / 2)
    const received = nodes.map((node) => firstValueFrom(node.inbox))
    for (const node of nodes) node.outbox.next({ pid: (node.pid % 10) + 1, msg: text })
    const envelopes = await Promise.all(received)
    expect(envelopes.map(({ pid }) => pid)).toEqual(nodes.map(({ pid }) => ((pid + 8) % 10) + 1))
    for (const { msg } of envelopes) expect(msg).toBe(text)
  })

  it('150 nodes, each broadcasts once: 22,350 of 22,350', { timeout: 60_000 }, async () => {
    real = new Real()
    const nodes = await real.cluster(150)
    const senders = nodes.map((node) => firstValueFrom(node.inbox.pipe(take(149), toArray())))
    for (const node of nodes) node.outbox.next({ pid: BROADCAST, msg: node.pid })
    const received = await Promise.all(senders)
    for (const [index, all] of received.entries()) {
      const others = nodes.map(({ pid }) => pid).filter((pid) => pid !== index + 1)
      expect(all.map(({ msg }) => msg as number).sort((a, b) => a - b)).toEqual(others)
    }
  })
})

describe('over tcp and ipc', () => {
  const transports: [string, () => Promise<string | undefined>][] = [
    ['tcp', async () => undefined],
    ['ipc', async () => `ipc://${join(await mkdtemp(join(tmpdir(), 'rx-cluster-')), 'node')}`],
  ]
  it.each(transports)(
    '%s: 20,000 envelopes arrive in order, and a node closes after the last',
    async (_, place) => {
      real = new Real()
      const bind = await place()
      const one = await real.open(1, bind === undefined ? {} : { bind: `${bind}-1` })
      const two = await real.open(2, bind === undefined ? {} : { bind: `${bind}-2` })
      one.node.addPeer({ pid: 2, endpoint: two.endpoint })
      two.node.addPeer({ pid: 1, endpoint: one.endpoint })
      const received: number[] = []
      two.node.inbox.subscribe(({ msg }) => received.push(msg as number))
      const numbers = Array.from({ length: 20_000 }, (_unused, index) => index)
      const sending = from(numbers).pipe(
        mergeMap((msg) => one.node.deliver({ pid: 2, msg }), 1_000),
      )
      await firstValueFrom(sending.pipe(bufferCount(20_000)))
      await one.node.close()
      expect(received).toEqual(numbers)
    },
  )
})

describe('a port in use', () => {
  it('is ADDRESS_IN_USE after one second, and does not disturb its node', async () => {
    real = new Real()
    const { node, endpoint } = await real.open(1)
    const events: NodeEvent[] = []
    node.events.subscribe((event) => events.push(event))
    await expect(real.open(2, { bind: endpoint })).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
    expect(events).toEqual([])
  })

  it('is free as soon as its node has closed', async () => {
    real = new Real()
    const { node, endpoint } = await real.open(1)
    for (let count = 0; count < 10; count++) {
      await (count === 0 ? node : (real.nodes.at(-1) as ClusterNode)).close()
      await real.open(1, { bind: endpoint })
    }
  })
})

describe('a hostile connection', () => {
  /** Two nodes that exchange envelopes during `attack`. */
  async function expectUndisturbed(
    attack: (endpoint: string, victim: ClusterNode) => Promise<void>,
  ): Promise<void> {
    real = new Real()
    const [one, two] = (await real.cluster(2)) as [ClusterNode, ClusterNode]
    const endpoint = one.peers.value.get(2)?.endpoint as string
    const received: unknown[] = []
    two.inbox.pipe(fromPeer(1)).subscribe(({ msg }) => received.push(msg))
    const before = from([0, 1, 2]).pipe(mergeMap((msg) => one.deliver({ pid: 2, msg })))
    await firstValueFrom(before.pipe(bufferCount(3)))
    await attack(endpoint, two)
    await firstValueFrom(one.deliver({ pid: 2, msg: 3 }))
    expect(received).toEqual([0, 1, 2, 3])
    expect(one.links.value.get(2)?.state).toBe('up')
  }

  it('that sends random bytes does not disturb the nodes', () =>
    expectUndisturbed(async (endpoint) => {
      const port = Number(endpoint.split(':').at(-1))
      for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(4_096, 0xff)]) {
        const socket = createConnection({ host: '127.0.0.1', port })
        await new Promise((resolve) => socket.on('connect', resolve))
        await new Promise((resolve) => socket.write(bytes, resolve))
        socket.destroy()
      }
    }))

  it('that sends random or truncated frames causes events', () =>
    expectUndisturbed(async (endpoint, victim) => {
      const seen = firstValueFrom(
        victim.events.pipe(
          scan((count, { type }) => count + (type === 'bad-frame' ? 1 : 0), 0),
          bufferCount(4),
        ),
      )
      const socket = new Dealer({ linger: 0 })
      socket.connect(endpoint)
      await socket.send(Buffer.from([99, 1, 2, 3]))
      await socket.send(Buffer.from([1, 0, 2, 0]))
      await socket.send(Buffer.from([6, 0, 0, 0]))
      await socket.send(Buffer.alloc(0))
      expect((await seen).at(-1)).toBe(4)
      socket.close()
    }))

  it('that has a session and sends entries that cannot be decoded gets rejections', () =>
    expectUndisturbed(async (endpoint, victim) => {
      victim.addPeer({ pid: 9, endpoint: 'tcp://127.0.0.1:9' })
      const { encodeFrame } = await import('../../src/protocol/wire/encode-frame.ts')
      const { decodeFrame } = await import('../../src/protocol/wire/decode-frame.ts')
      const { dataFrameOf: batchOf, entryWith } = await import('../protocol/entries.ts')
      const socket = new Dealer({ linger: 0, receiveTimeout: 5_000 })
      socket.connect(endpoint)
      const incarnation = '0123456789abcdef' as Incarnation
      const offers = [{ pid: 9, incarnation, epoch: 1, settled: 0 }]
      const hello = {
        type: 'hello',
        version: 2,
        nonce: 5,
        cluster: 'real',
        to: 2,
        features: 0,
        endpoint: '',
        keyed: false,
        offers,
      } as const
      await socket.send(encodeFrame(hello))
      const welcome = decodeFrame(await socket.receive())
      if (welcome.type !== 'welcome') throw new Error(`expected WELCOME, got ${welcome.type}`)
      const toEpoch = welcome.sessions[0]?.toEpoch as number
      // 0xc1 is unused in MessagePack; 0xd9 is followed by the length of a string.
      const entries = [[0x01], [0xc1], [0xd9, 0xff], [0x02]].map((body) => entryWith(body))
      const rejected = until(victim.events, ({ type }) => type === 'bad-frame')
      await socket.send(batchOf(entries, { pid: 9, toEpoch }))
      const ack = decodeFrame(await socket.receive())
      expect(ack).toMatchObject({ type: 'ack', sessions: [{ settled: 4, received: 4 }] })
      const rejections = ack.type === 'ack' ? ack.sessions[0]?.rejections : undefined
      expect(rejections).toMatchObject([
        { sequence: 2, reason: 'undecodable' },
        { sequence: 3, reason: 'undecodable' },
      ])
      await rejected
      socket.close()
      victim.removePeer(9)
    }))
})
