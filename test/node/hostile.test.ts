/** Nodes under unusual conditions: callbacks that call the node, duplicate pids, forged frames, early closes. */
import { PLAIN_HELLO } from '../protocol/plain.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { EMPTY, catchError } from 'rxjs'
import { collect, msgs } from './collect.ts'
import { World, endpointOf } from './world.ts'
import type { ClusterError } from '../../src/model/cluster-error.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { Connection } from '../../src/ports/transport.ts'
import { SessionHarness } from '../protocol/session-harness.ts'
import type { Incarnation, OutgoingEnvelope } from '../../src/model/envelope.ts'
import type { SessionReport } from '../../src/protocol/wire/frames.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { dataFrameOf, entryWith } from '../protocol/entries.ts'
import { encodeFrame } from '../../src/protocol/wire/encode-frame.ts'

let world: World
afterEach(() => world?.end())

function pair(limits: object = {}): [ClusterNode, ClusterNode] {
  world = new World()
  return world.cluster(2, limits) as [ClusterNode, ClusterNode]
}

describe('a callback that calls the node', () => {
  it('removes a peer as soon as it is up: links has no entry of it', () => {
    world = new World()
    const one = world.open(1, [1, 2, 3])
    one.events.subscribe(({ type }) => type === 'accepted-by-peer' && one.removePeer(2))
    world.open(2, [1, 2, 3])
    world.run(3_000)
    expect([...one.links.value.keys()]).toEqual([3])
    expect(collect(one.ready().pipe(catchError(() => EMPTY)))).toEqual([])
  })

  it('two addPeer, or two removePeer, in a subscriber of peers build on each other', () => {
    world = new World()
    const one = world.open(1, [1, 2, 3])
    one.peers.subscribe((peers) => {
      if (!peers.has(4) || peers.has(5)) return
      for (const pid of [5, 6]) one.addPeer({ pid, endpoint: endpointOf(pid) })
      for (const pid of [2, 3]) one.removePeer(pid)
    })
    one.addPeer({ pid: 4, endpoint: endpointOf(4) })
    expect([...one.peers.value.keys()]).toEqual([4, 5, 6])
  })

  it('ready does not count a peer that was removed in the same task', () => {
    world = new World()
    const one = world.open(1, [1, 2, 3])
    world.open(2, [1, 2])
    world.run(1_000)
    one.removePeer(2)
    expect(collect(one.ready().pipe(catchError(() => EMPTY)))).toEqual([])
  })

  it('subscribing twice in the error handler of a delivery sends the envelope once', () => {
    world = new World()
    const one = world.open(1, [1])
    const received = collect(world.open(2, [1, 2]).inbox)
    const delivery = one.deliver({ pid: 2, msg: 'x' })
    delivery.subscribe({
      error: () => {
        one.addPeer({ pid: 2, endpoint: endpointOf(2) })
        delivery.subscribe()
      },
    })
    delivery.subscribe()
    world.run(5_000)
    expect(msgs(received)).toEqual(['x'])
  })

  it('subscribing in the handler of the dead letter of a cancelled envelope sends it again', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const delivery = one.deliver({ pid: 2, msg: 'x' })
    const receipts: unknown[] = []
    const deadLetters = one.deadLetters.subscribe(() => {
      deadLetters.unsubscribe()
      delivery.subscribe((receipt) => receipts.push(receipt))
    })
    delivery.subscribe().unsubscribe()
    world.open(2, [1, 2]).inbox.subscribe()
    world.run(5_000)
    expect(receipts).toHaveLength(1)
  })

  it('an envelope whose getter throws is a dead letter, and the outbox does not throw', () => {
    const [one] = pair()
    const deadLetters = collect(one.deadLetters)
    const trap = { pid: 2, msg: () => 1, get other(): never { throw new Error('no') } } // prettier-ignore
    expect(() => one.outbox.next(trap as OutgoingEnvelope)).not.toThrow()
    expect(deadLetters).toMatchObject([{ envelope: { pid: 2 }, reason: 'not-encodable' }])
  })

  it('removing the last peer in the receipt of its last envelope sends LEAVE', () => {
    const [one, two] = pair()
    const events = collect(two.events)
    two.inbox.subscribe()
    one.deliver({ pid: 2, msg: 1 }).subscribe(() => one.removePeer(2))
    world.run(100)
    one.addPeer(2)
    world.run(1_000)
    // Without LEAVE the receiver would continue the old session.
    expect(events.filter(({ type }) => type === 'peer-restarted')).toEqual([])
    expect(one.links.value.get(2)?.state).toBe('up')
  })
})

describe('two processes with one pid', () => {
  it('a superseded process that returns delivers nothing twice', () => {
    const [one, two] = pair()
    const received = collect(two.inbox)
    const paused = two.pause()
    for (let msg = 0; msg < 5; msg++) one.outbox.next({ pid: 2, msg })
    world.run(10)
    const twin = world.open(1, [1, 2], { bind: 'tcp://127.0.0.1:6001' })
    world.run(100)
    paused.unsubscribe()
    world.run(100)
    void twin.close()
    world.run(40_000)
    expect(msgs(received)).toEqual([0, 1, 2, 3, 4])
  })
})

describe('an early close', () => {
  it('in an inbox callback sends BYE: the envelopes not taken stay with the sender', () => {
    const [one, two] = pair()
    two.addPeer({ pid: 9, endpoint: endpointOf(9) })
    const last = two.deliver({ pid: 9, msg: 'never' }).subscribe({ error: () => undefined })
    two.inbox.subscribe(({ msg }) => msg === 'go' && last.unsubscribe())
    const deadLetters = collect(one.deadLetters)
    void two.close()
    world.run(1)
    one.outbox.next({ pid: 2, msg: 'go' })
    one.outbox.next({ pid: 2, msg: 'more' })
    world.run(70_000)
    expect(one.stats().delivered).toBe(1)
    expect(deadLetters.map(({ envelope, outcome }) => [envelope.msg, outcome])).toEqual([
      ['more', 'not-delivered'],
    ])
  })

  it('bound() of a node that is closed before it is bound ends with CLOSED', () => {
    world = new World()
    world.open(1, [1, 2])
    const other = world.open(1, [1, 2])
    const codes: string[] = []
    other.bound().subscribe({ error: (error: ClusterError) => codes.push(error.code) })
    world.run(100)
    void other.close()
    world.run(10_000)
    expect(codes).toEqual(['CLOSED'])
  })
})

describe('forged frames', () => {
  /** A sender without a node that claims to be pid 1, and sends bytes to node 2. */
  class HostileSender {
    report: SessionReport | undefined
    readonly #connection: Connection

    constructor() {
      const offer = { pid: 1, incarnation: '00000000000000aa' as Incarnation, epoch: 1, settled: 0 }
      const hello = { type: 'hello', version: 2, nonce: 5, cluster: 'test', to: 2 } as const
      this.#connection = world.transport().connect(endpointOf(2), { maxPartBytes: 1e9 }, {
        opened: () => this.#connection.send([encodeFrame({ ...hello, ...PLAIN_HELLO, offers: [offer] })]),
        frame: (bytes) => {
          const frame = decodeFrame(bytes)
          if (frame.type === 'welcome' || frame.type === 'ack') this.report = frame.sessions[0]
        },
        closed: () => undefined,
      }) // prettier-ignore
      world.run(10)
    }

    /** Entries with the same body. */
    data(first: number, count: number, body: readonly number[]): void {
      const entry = entryWith(body)
      const toEpoch = this.report?.toEpoch ?? 0
      const entries = Array.from({ length: count }, () => entry)
      this.#connection.send(dataFrameOf(entries, { toEpoch, first }))
      world.run(1)
    }
  }

  it('a frame of 300,000 entries does not stop the node', () => {
    world = new World()
    const two = world.open(2, [1, 2])
    const events = collect(two.events)
    const sender = new HostileSender()
    sender.data(1, 300_000, [])
    expect(events).toContainEqual(expect.objectContaining({ type: 'bad-frame' }))
    expect(sender.report?.received).toBe(0)
  })

  it('a sender that ignores its rejections is ignored after 1,000', () => {
    world = new World()
    world.open(2, [1, 2]).inbox.subscribe()
    const sender = new HostileSender()
    for (let round = 0; round < 20; round++) sender.data(1 + round * 500, 500, [0xc1])
    expect(sender.report?.received).toBe(1_500)
    expect(sender.report?.gap).toBe(true)
  })

  it('of 100 bad messages 32 are emitted at once, and their number with a later one', () => {
    world = new World()
    const two = world.open(2, [1, 2])
    two.inbox.subscribe()
    const events = collect(two.events)
    const sender = new HostileSender()
    const details = (): string[] =>
      events.flatMap((event) => (event.type === 'bad-frame' ? [event.detail] : []))
    for (let round = 0; round < 100; round++) sender.data(1 + round, 1, [0xc1])
    expect(details()).toHaveLength(32)
    world.run(1_000)
    sender.data(101, 1, [0xc1])
    expect(details()).toHaveLength(33)
    expect(details().at(-1)).toMatch(/ \(and 68 before it were not emitted\)$/)
  })

  it('a sender that exceeds its credit is limited to the window', () => {
    world = new World()
    world.open(2, [1, 2], { windowBytes: 1_000, maxMessageBytes: 1_000 }).pause()
    const sender = new HostileSender()
    for (let round = 0; round < 100; round++)
      sender.data(1 + round, 1, new Array<number>(500).fill(7))
    // A batch takes memory beside its bytes, which counts, too.
    expect(sender.report?.received).toBe(3)
  })

  it('a JOIN without HELLO is answered with hello-required', () => {
    const lab = new SessionHarness(1)
    const offers = [
      { pid: 1, incarnation: '00000000000000ff' as Incarnation, epoch: 1, settled: 0 },
    ]
    const join = { type: 'join', nonce: 1, offers } as const
    lab.atReceiver({ type: 'frame', connection: 'x', frame: join })
    expect(lab.receiver.sessions.size).toBe(0)
    const [effect] = lab.receiverEffects
    const frame = effect?.type === 'send' ? decodeFrame(effect.frame) : undefined
    expect(frame).toMatchObject({ type: 'refused', reason: 'hello-required' })
  })
})
