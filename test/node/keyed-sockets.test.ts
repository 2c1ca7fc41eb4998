/** Nodes with keys over real sockets: CURVE admits the keys of the present peers, and no others. */
import { afterEach, describe, expect, it } from 'vitest'
import { firstValueFrom } from 'rxjs'
import { Dealer } from 'zeromq'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { KeyPair } from '../../src/ports/keys.ts'
import type { Pid } from '../../src/model/pid.ts'
import { createNode } from '../../src/node/create-node.ts'
import { encodeFrame } from '../../src/protocol/wire/encode-frame.ts'
import { PROTOCOL_VERSION } from '../../src/protocol/wire/frames.ts'
import { formatKey } from '../../src/keys/key-text.ts'
import { generateKeyPair } from '../../src/keys/x25519.ts'
import { PLAIN_HELLO } from '../protocol/plain.ts'
import { collect } from './collect.ts'
import { until } from './real.ts'

const pairs = Array.from({ length: 6 }, generateKeyPair)
const pairAt = (index: number): KeyPair => pairs[index] ?? generateKeyPair()
const publicKey = (index: number): string => formatKey(pairAt(index).publicKey)
const secretKey = (index: number): string => formatKey(pairAt(index).secretKey)

describe('nodes with keys over TCP', () => {
  const nodes: ClusterNode[] = []
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.close()))
  })

  /** Opens a node without peers, and returns it as a peer of others. */
  async function open(pid: Pid, key = pid) {
    const listen = { endpoint: 'tcp://127.0.0.1:9', bind: 'tcp://127.0.0.1:0' }
    const peers = [{ pid, ...listen, publicKey: publicKey(key) }]
    const node = await createNode({ cluster: 'keys', peers }, pid, { secretKey: secretKey(key) })
    nodes.push(node)
    const endpoint = await firstValueFrom(node.bound())
    return { node, peer: { pid, endpoint, publicKey: publicKey(key) } }
  }

  it('connect, carry large and small messages, and follow their peers', async () => {
    const [one, two] = await Promise.all([open(1), open(2)])
    one.node.addPeer(two.peer)
    two.node.addPeer(one.peer)
    await firstValueFrom(one.node.ready({ timeoutMs: 30_000 }))
    const received = collect(two.node.inbox)
    await firstValueFrom(one.node.deliver({ pid: 2, msg: 'small' }))
    await firstValueFrom(one.node.deliver({ pid: 2, msg: new Uint8Array(3_000_000).fill(7) }))
    expect(received.map(({ msg }) => (typeof msg === 'string' ? msg : 'large'))).toEqual([
      'small',
      'large',
    ])
    two.node.removePeer(1)
    await until(one.node.links, (links) => links.get(2)?.state === 'down')
    two.node.addPeer(one.peer)
    await until(one.node.links, (links) => links.get(2)?.state === 'up', 5_000)
    await firstValueFrom(one.node.deliver({ pid: 2, msg: 'again' }))
    expect(received.at(-1)).toMatchObject({ pid: 1, msg: 'again' })
  })

  it('refuse a process whose key no peer has, and say so there', async () => {
    const [one, outsider] = await Promise.all([open(1), open(2, 5)])
    one.node.addPeer({ ...outsider.peer, publicKey: publicKey(2) })
    outsider.node.addPeer(one.peer)
    const down = await until(outsider.node.links, (links) => links.get(1)?.state === 'down')
    expect(down.get(1)?.reason).toBe(`${one.peer.endpoint} refused the public key of this node`)
  })

  it('answer nothing to a connection without keys', async () => {
    const { node, peer } = await open(1)
    const events = collect(node.events)
    const socket = new Dealer({ linger: 0, receiveTimeout: 300 })
    socket.connect(peer.endpoint)
    const hello = { type: 'hello', version: PROTOCOL_VERSION, nonce: 5, cluster: 'keys' } as const
    await socket.send(encodeFrame({ ...hello, to: 1, ...PLAIN_HELLO, offers: [] }))
    await expect(socket.receive()).rejects.toThrow()
    socket.close()
    expect(events.filter(({ type }) => type !== 'bound')).toEqual([])
  })
})
