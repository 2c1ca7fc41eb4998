/** A node over a network in memory, on virtual time: every member of its interface. */
import { afterEach, describe, expect, it } from 'vitest'
import {
  NEVER,
  type Observable,
  Subject,
  type Unsubscribable,
  from,
  mergeMap,
  of,
  take,
  tap,
  timeout,
} from 'rxjs'
import { collect, msgs } from './collect.ts'
import { World, endpointOf, peerOf } from './world.ts'
import { BROADCAST } from '../../src/model/pid.ts'
import type { ClusterError } from '../../src/model/cluster-error.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { NodeEvent } from '../../src/model/node-event.ts'
import type { OutgoingEnvelope } from '../../src/model/envelope.ts'
import type { Peers } from '../../src/model/peer.ts'
import { reply } from '../../src/model/envelope.ts'
import { request } from '../../src/operators/request.ts'
import { retryBackoff } from '../../src/operators/retry-backoff.ts'
import { toPeer } from '../../src/operators/to-peer.ts'

let world: World
afterEach(() => world?.end())

function checkCounters(...nodes: ClusterNode[]): void {
  for (const node of nodes) {
    const { sent, delivered, dead, inFlight, peers } = node.stats()
    expect(delivered + dead + inFlight).toBe(sent)
    for (const one of peers.values()) expect(one.delivered + one.dead + one.inFlight).toBe(one.sent)
  }
}

function pair(limits: object = {}): [ClusterNode, ClusterNode] {
  world = new World()
  return world.cluster(2, limits) as [ClusterNode, ClusterNode]
}

describe('envelopes', () => {
  it('an envelope for a pid arrives in the inbox of that peer, with the pid of its sender', () => {
    const [one, two] = pair()
    const received = collect(two.inbox)
    one.outbox.next({ pid: 2, msg: { hello: 'world' } })
    world.run(10)
    expect(received).toEqual([
      { pid: 1, incarnation: one.incarnation, msgId: 1000, msg: { hello: 'world' } },
    ])
    expect(one.stats()).toMatchObject({ sent: 1, delivered: 1, dead: 0, inFlight: 0 })
    expect(two.stats().peers.get(1)?.received).toBe(1)
  })

  it('a broadcast reaches every peer, not the sender, and counts once for each', () => {
    world = new World()
    const nodes = world.cluster(5)
    const received = nodes.map((node) => collect(node.inbox))
    nodes[0]?.outbox.next({ pid: BROADCAST, msg: 'all' })
    world.run(10)
    expect(received.map((all) => all.length)).toEqual([0, 1, 1, 1, 1])
    expect(nodes[0]?.stats()).toMatchObject({ sent: 4, delivered: 4 })
  })

  it('a reply has the msgId of its envelope as re', () => {
    const [one, two] = pair()
    two.inbox.subscribe((envelope) => two.outbox.next(reply(envelope, 'yes')))
    const received = collect(one.inbox)
    one.outbox.next({ pid: 2, msg: 'really?', msgId: 7 })
    world.run(10)
    expect(received).toMatchObject([{ pid: 2, re: 7, msg: 'yes' }])
  })

  it('msgIds count from startMsgId, and those of the application are kept', () => {
    const [one, two] = pair({ startMsgId: 50 })
    const received = collect(two.inbox)
    for (const msgId of [undefined, 9, undefined]) {
      one.outbox.next(msgId === undefined ? { pid: 2, msg: 0 } : { pid: 2, msg: 0, msgId })
    }
    world.run(10)
    expect(received.map((envelope) => envelope.msgId)).toEqual([50, 9, 51])
  })

  it('is encoded when it enters the outbox: later changes have no effect', () => {
    const [one, two] = pair()
    const received = collect(two.inbox)
    const msg = { votes: [1] }
    one.outbox.next({ pid: 2, msg })
    msg.votes.push(2)
    world.run(10)
    expect(msgs(received)).toEqual([{ votes: [1] }])
  })

  it('waits for a peer that has not started', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    one.outbox.next({ pid: 2, msg: 'early' })
    world.run(5_000)
    expect(one.links.value.get(2)?.state).toBe('down')
    const received = collect(world.open(2, [1, 2]).inbox)
    world.run(5_000)
    expect(msgs(received)).toEqual(['early'])
  })

  it('survives a broken connection, in order and once', () => {
    const [one, two] = pair()
    const received = collect(two.inbox)
    for (let count = 0; count < 100; count++) {
      one.outbox.next({ pid: 2, msg: count })
      if (count % 10 === 5) world.network.cut(endpointOf(2))
      world.run(1)
    }
    world.run(5_000)
    expect(msgs(received)).toEqual(Array.from({ length: 100 }, (_, index) => index))
    checkCounters(one, two)
  })

  it('a re-entrant next keeps the order for all subscribers', () => {
    const [one] = pair()
    const emitted: unknown[] = []
    one.outbox.subscribe(({ msg }) => {
      if (msg === 1) one.outbox.next({ pid: 2, msg: 2 })
    })
    one.outbox.subscribe(({ msg }) => emitted.push(msg))
    one.outbox.next({ pid: 2, msg: 1 })
    expect(emitted).toEqual([1, 2])
  })
})

describe('dead letters', () => {
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  const bad: [string, unknown, string][] = [
    ['no object', 5, 'invalid'],
    ['null', null, 'invalid'],
    ['a pid of 1.5', { pid: 1.5, msg: 0 }, 'invalid'],
    ['no pid', { msg: 0 }, 'invalid'],
    ['a negative msgId', { pid: 2, msg: 0, msgId: -1 }, 'invalid'],
    ['a re that is no number', { pid: 2, msg: 0, re: 'x' }, 'invalid'],
    ['a ttl that is none', { pid: 2, msg: 0, ttlMs: Number.NaN }, 'invalid'],
    ['an unknown pid', { pid: 9, msg: 0 }, 'unknown-pid'],
    ['myself', { pid: 1, msg: 0 }, 'self'],
    ['a function', { pid: 2, msg: { f: () => 0 } }, 'not-encodable'],
    ['a cycle', { pid: 2, msg: cyclic }, 'not-encodable'],
    ['too much', { pid: 2, msg: 'x'.repeat(2_000) }, 'too-large'],
    ['too many values', { pid: 2, msg: Array.from({ length: 1_000 }, () => 0) }, 'too-complex'],
  ]
  it.each(bad)('%s', (_, envelope, reason) => {
    const [one, two] = pair({ maxMessageBytes: 1_000, maxMessageValues: 1_000 })
    const dead = collect(one.deadLetters)
    const received = collect(two.inbox)
    one.outbox.next(envelope as OutgoingEnvelope)
    one.outbox.next({ pid: 2, msg: 'after' })
    world.run(10)
    expect(dead).toMatchObject([{ reason, outcome: 'not-delivered' }])
    expect(msgs(received)).toEqual(['after'])
    expect(one.stats()).toMatchObject({ sent: 2, delivered: 1, dead: 1 })
    checkCounters(one)
  })

  it('name the path of a value that cannot be encoded, and contain the envelope', () => {
    const [one] = pair()
    const dead = collect(one.deadLetters)
    const msg = { votes: [1, () => 0] }
    one.outbox.next({ pid: 2, msg })
    expect(dead[0]?.detail).toContain('votes[1]')
    expect(dead[0]?.envelope.msg).toBe(msg)
  })

  it('an envelope whose getters throw does not stop the node', () => {
    const [one] = pair()
    const dead = collect(one.deadLetters)
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no')
        },
      },
    )
    one.outbox.next(trap as OutgoingEnvelope)
    expect(dead).toMatchObject([{ reason: 'invalid' }])
    checkCounters(one)
  })

  it('of a full queue contain the envelope as it was when it entered the outbox', () => {
    world = new World()
    const one = world.open(1, [1, 2], { bufSize: 2 })
    const dead = collect(one.deadLetters)
    for (const msg of ['a', 'b', 'c']) one.outbox.next({ pid: 2, msg })
    expect(dead).toMatchObject([
      { envelope: { pid: 2, msg: 'c', msgId: 1002 }, reason: 'queue-full' },
    ])
    checkCounters(one)
  })

  it('contain the oldest envelope where overflow is drop-oldest', () => {
    world = new World()
    const one = world.open(1, [1, 2], { bufSize: 2, overflow: 'drop-oldest' })
    const dead = collect(one.deadLetters)
    for (const msg of ['a', 'b', 'c']) one.outbox.next({ pid: 2, msg })
    expect(dead).toMatchObject([{ envelope: { msg: 'a' }, reason: 'queue-full' }])
  })

  it('expire by the clock of the sender', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const dead: [number, unknown][] = []
    one.deadLetters.subscribe(({ reason }) => dead.push([world.scheduler.now(), reason]))
    one.outbox.next({ pid: 2, msg: 0, ttlMs: 700 })
    one.outbox.next({ pid: 2, msg: 0 })
    world.run(29_999)
    expect(dead).toEqual([[700, 'expired']])
    world.run(10)
    expect(dead).toHaveLength(2)
    checkCounters(one)
  })

  it('a message that the receiver rejects is dead at its sender, and later ones are delivered', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const two = world.open(2, [1, 2], { maxMessageBytes: 500 })
    const dead = collect(one.deadLetters)
    const received = collect(two.inbox)
    for (const msg of ['a', 'x'.repeat(600), 'b']) one.outbox.next({ pid: 2, msg })
    world.run(1_000)
    expect(dead).toMatchObject([{ reason: 'too-large', outcome: 'not-delivered' }])
    expect(msgs(received)).toEqual(['a', 'b'])
  })

  it('a message of more values than the receiver accepts is rejected before it is decoded', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const two = world.open(2, [1, 2], { maxMessageValues: 5 })
    const dead = collect(one.deadLetters)
    const received = collect(two.inbox)
    for (const msg of ['a', { b: [1, 2, 3] }, { b: [1, 2] }]) one.outbox.next({ pid: 2, msg })
    world.run(1_000)
    const detail = 'too-complex: more than 5 keys and values (maxMessageValues)'
    expect(dead).toMatchObject([{ reason: 'rejected', outcome: 'not-delivered', detail }])
    expect(msgs(received)).toEqual(['a', { b: [1, 2] }])
    checkCounters(one)
  })

  it('complete last of all', () => {
    const [one] = pair()
    const ends: string[] = []
    for (const name of ['deadLetters', 'events', 'peers', 'links', 'inbox', 'outbox'] as const) {
      const stream: Observable<unknown> = one[name]
      stream.subscribe({ complete: () => ends.push(name) })
    }
    void one.close()
    world.run(1_000)
    expect(ends.at(-1)).toBe('deadLetters')
    expect(ends).toHaveLength(6)
  })
})

describe('the inbox', () => {
  it('emits what came early to everything that subscribes in one turn, and then the rest', () => {
    const [one, two] = pair()
    for (const msg of ['early', 'earlier']) one.outbox.next({ pid: 2, msg })
    world.run(10)
    expect(one.stats().delivered).toBe(2)
    const protocol = collect(two.inbox)
    const application = collect(two.inbox)
    expect(protocol).toEqual([])
    one.outbox.next({ pid: 2, msg: 'late' })
    world.run(10)
    const late = collect(two.inbox)
    expect(msgs(protocol)).toEqual(['early', 'earlier', 'late'])
    expect(msgs(application)).toEqual(['early', 'earlier', 'late'])
    expect(late).toEqual([])
    expect(two.stats()).toMatchObject({ received: 3, unobserved: 0 })
  })

  it('keeps what came early for the next subscriber if all leave before they get it', () => {
    const [one, two] = pair()
    for (let msg = 0; msg < 5; msg++) one.outbox.next({ pid: 2, msg })
    world.run(10)
    two.inbox.subscribe().unsubscribe()
    world.run(10)
    const first = collect(two.inbox.pipe(take(2)))
    world.run(10)
    expect(msgs(first)).toEqual([0, 1])
    one.outbox.next({ pid: 2, msg: 5 })
    world.run(10)
    const second = collect(two.inbox)
    world.run(10)
    expect(msgs(second)).toEqual([2, 3, 4, 5])
    expect(two.stats()).toMatchObject({ received: 6, unobserved: 0 })
  })

  it('holds what came early while it is paused', () => {
    const [one, two] = pair()
    one.outbox.next({ pid: 2, msg: 'early' })
    world.run(10)
    const paused = two.pause()
    const received = collect(two.inbox)
    world.run(10)
    expect(received).toEqual([])
    paused.unsubscribe()
    expect(msgs(received)).toEqual(['early'])
  })

  it('counts what came early as unobserved if it closes without a subscriber', async () => {
    const [one, two] = pair()
    const events = collect(two.events)
    one.outbox.next({ pid: 2, msg: 'early' })
    world.run(10)
    const closed = two.close()
    world.run(10_000)
    await closed
    expect(two.stats()).toMatchObject({ received: 1, unobserved: 1 })
    expect(events.filter(({ type }) => type === 'inbox-unobserved')).toHaveLength(1)
  })

  it('grants no credit while that buffer is full, and drops nothing', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const two = world.open(2, [1, 2], { bufSize: 10 })
    world.run(1_000)
    for (let count = 0; count < 100; count++) one.outbox.next({ pid: 2, msg: count })
    world.run(20_000)
    expect(one.stats()).toMatchObject({ delivered: 10, inFlight: 90 })
    expect(one.links.value.get(2)?.state).toBe('up')
    const received = collect(two.inbox)
    world.run(1_000)
    expect(msgs(received)).toEqual(Array.from({ length: 100 }, (_, index) => index))
    checkCounters(one)
  })

  it('emits the rest of it in order after a pause by the first subscriber', () => {
    const [one, two] = pair()
    for (let count = 0; count < 20; count++) one.outbox.next({ pid: 2, msg: count })
    world.run(10)
    const received: unknown[] = []
    two.inbox.subscribe(({ msg }) => {
      received.push(msg)
      const paused = two.pause()
      world.environment.scheduler.schedule(() => paused.unsubscribe(), 5)
    })
    world.run(0)
    expect(received).toEqual([0])
    one.outbox.next({ pid: 2, msg: 20 })
    world.run(200)
    expect(received).toEqual(Array.from({ length: 21 }, (_, index) => index))
  })

  it('counts later envelopes without a subscriber as unobserved, with one event until it has one', () => {
    const [one, two] = pair()
    const events = collect(two.events)
    const first = two.inbox.subscribe()
    world.run(0)
    first.unsubscribe()
    for (let count = 0; count < 3; count++) one.outbox.next({ pid: 2, msg: count })
    world.run(10)
    two.inbox.subscribe().unsubscribe()
    one.outbox.next({ pid: 2, msg: 3 })
    world.run(10)
    expect(two.stats()).toMatchObject({ received: 4, unobserved: 4 })
    expect(events.filter(({ type }) => type === 'inbox-unobserved')).toHaveLength(2)
    expect(one.stats().delivered).toBe(4)
  })

  it('pauses in the middle of a batch; pauses add up, and each resume works once', () => {
    const [one, two] = pair()
    let paused: Unsubscribable | undefined
    const received: unknown[] = []
    two.inbox.subscribe(({ msg }) => {
      received.push(msg)
      if (msg === 4) paused = two.pause()
    })
    for (let count = 0; count < 10; count++) one.outbox.next({ pid: 2, msg: count })
    world.run(30_000)
    expect(received).toEqual([0, 1, 2, 3, 4])
    expect(one.links.value.get(2)?.state).toBe('up')
    expect(one.stats().delivered).toBe(5)
    const again = two.pause()
    paused?.unsubscribe()
    paused?.unsubscribe()
    expect(two.stats().pauses).toBe(1)
    world.run(1_000)
    expect(received).toHaveLength(5)
    again.unsubscribe()
    world.run(1_000)
    expect(received).toHaveLength(10)
    checkCounters(one)
  })
})

describe('deliver', () => {
  it('emits a receipt and completes when the peer has taken it', () => {
    const [one, two] = pair()
    two.inbox.subscribe()
    const emitted: unknown[] = []
    one
      .deliver({ pid: 2, msg: 1 })
      .subscribe({ next: (r) => emitted.push(r), complete: () => emitted.push('|') })
    expect(emitted).toEqual([])
    world.run(10)
    expect(emitted).toEqual([{ pid: 2, msgId: 1000 }, '|'])
  })

  it('is lazy, and joins an envelope in flight: two subscribers, one envelope', () => {
    const [one, two] = pair()
    const received = collect(two.inbox)
    const delivery = one.deliver({ pid: 2, msg: 1 })
    world.run(10)
    expect(received).toEqual([])
    const receipts = [collect(delivery), collect(delivery)]
    world.run(10)
    expect(receipts.map((all) => all.length)).toEqual([1, 1])
    expect(received).toHaveLength(1)
  })

  it('emits the receipt to a subscriber that comes after it, and sends nothing', () => {
    const [one, two] = pair()
    const received = collect(two.inbox)
    const delivery = one.deliver({ pid: 2, msg: 1 })
    delivery.subscribe()
    world.run(10)
    expect(collect(delivery)).toEqual([{ pid: 2, msgId: 1000 }])
    world.run(10)
    expect(received).toHaveLength(1)
  })

  it('errors for a subscriber that comes after an unknown outcome, and sends nothing', () => {
    const [one, two] = pair()
    const received: unknown[] = []
    two.inbox.subscribe(({ msg }) => {
      received.push(msg)
      two.pause()
    })
    one.outbox.next({ pid: 2, msg: 'taken' })
    const delivery = one.deliver({ pid: 2, msg: 'held' })
    const codes: string[] = []
    delivery.subscribe({ error: (error: ClusterError) => codes.push(error.code) })
    world.run(10)
    one.removePeer(2)
    one.addPeer(2)
    delivery.subscribe({ error: (error: ClusterError) => codes.push(error.code) })
    expect(codes).toEqual(['DELIVERY_UNKNOWN', 'DELIVERY_UNKNOWN'])
    expect(one.stats().sent).toBe(2)
  })

  it('sends an envelope that did not arrive again at the next subscription', () => {
    world = new World()
    const one = world.open(1, [1, 2], { bufSize: 1 })
    one.outbox.next({ pid: 2, msg: 'first' })
    const delivery = one.deliver({ pid: 2, msg: 'second' })
    const codes: string[] = []
    delivery.subscribe({ error: (error: ClusterError) => codes.push(error.code) })
    expect(codes).toEqual(['NOT_DELIVERED'])
    const received = collect(world.open(2, [1, 2]).inbox)
    world.run(3_000)
    delivery.subscribe()
    world.run(10)
    expect(msgs(received)).toEqual(['first', 'second'])
  })

  it('a retry never duplicates, though the receipt comes long after the first attempt', () => {
    const [one, two] = pair()
    const paused = two.pause()
    const received = collect(two.inbox)
    const emitted: unknown[] = []
    const { scheduler, environment } = world
    one
      .deliver({ pid: 2, msg: 1 })
      .pipe(
        timeout({ each: 200, scheduler }),
        retryBackoff({ count: 5, baseMs: 50, random: environment.random, scheduler }),
      )
      .subscribe({
        next: (receipt) => emitted.push(receipt),
        error: (error) => emitted.push(error),
      })
    world.run(300)
    paused.unsubscribe()
    world.run(2_000)
    expect(emitted).toEqual([{ pid: 2, msgId: 1000 }])
    expect(received).toHaveLength(1)
    checkCounters(one)
  })

  it('unsubscribing cancels a queued envelope: it is a dead letter, and is counted', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const dead = collect(one.deadLetters)
    one.deliver({ pid: 2, msg: 'never' }).subscribe().unsubscribe()
    expect(dead).toMatchObject([{ reason: 'cancelled', outcome: 'not-delivered' }])
    const received = collect(world.open(2, [1, 2]).inbox)
    world.run(5_000)
    expect(received).toEqual([])
    checkCounters(one)
  })

  it('errors with NOT_DELIVERED or DELIVERY_UNKNOWN, by the outcome', () => {
    const [one, two] = pair()
    const codes: string[] = []
    const track = (envelope: OutgoingEnvelope): void => {
      one.deliver(envelope).subscribe({ error: (error: ClusterError) => codes.push(error.code) })
    }
    track({ pid: 9, msg: 0 })
    track({ pid: 2, msg: () => 0 })
    track({ pid: 2.5, msg: 0 })
    expect(codes).toEqual(['NOT_DELIVERED', 'NOT_DELIVERED', 'NOT_DELIVERED'])
    // Node 2 is paused in the middle of a batch: it takes the first envelope, and holds the second.
    let held = false
    two.inbox.subscribe(() => (held = two.pause() !== undefined))
    track({ pid: 2, msg: 'taken' })
    track({ pid: 2, msg: 'held' })
    world.run(10)
    expect(held).toBe(true)
    one.removePeer(2)
    expect(codes.slice(3)).toEqual(['DELIVERY_UNKNOWN'])
    checkCounters(one)
  })

  it('errors with an unknown outcome peerTimeoutMs after an unacknowledged peer is lost', () => {
    const [one, two] = pair()
    const received: unknown[] = []
    two.inbox.subscribe()
    // The network breaks for good before any acknowledgement.
    one
      .deliver({ pid: 2, msg: 0 })
      .subscribe({ error: (error: ClusterError) => received.push(error.code) })
    world.scheduler.schedule(() => {
      world.network.cut(endpointOf(2))
      world.network.refuse(endpointOf(2), true)
    }, 1)
    world.run(30_000 + 60_000 + 1_000)
    expect(one.stats().inFlight).toBe(0)
    checkCounters(one)
  })

  it('to BROADCAST: one receipt per peer', () => {
    world = new World()
    const nodes = world.cluster(3)
    for (const node of nodes) node.inbox.subscribe()
    const receipts = collect((nodes[0] as ClusterNode).deliver({ pid: BROADCAST, msg: 0 }))
    world.run(10)
    expect(receipts.map(({ pid }) => pid)).toEqual([2, 3])
  })

  it('backpressure is composition', () => {
    world = new World()
    const one = world.open(1, [1, 2], { bufSize: 64 })
    const two = world.open(2, [1, 2])
    world.run(1_000)
    const received = collect(two.inbox)
    from(Array.from({ length: 1_000 }, (_, index) => index))
      .pipe(mergeMap((msg) => one.deliver({ pid: 2, msg }), 64))
      .subscribe()
    world.run(5_000)
    expect(msgs(received)).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
    expect(one.stats().dead).toBe(0)
  })
})

describe('the subjects of a node', () => {
  it('the outbox ignores complete(), and turns error(e) into an event', () => {
    const [one, two] = pair()
    const received = collect(two.inbox)
    const events = collect(one.events)
    of(1, 2).pipe(toPeer(2)).subscribe(one.outbox)
    const failing = new Subject<OutgoingEnvelope>()
    failing.subscribe(one.outbox)
    failing.error('boom')
    one.outbox.next({ pid: 2, msg: 3 })
    world.run(10)
    expect(msgs(received)).toEqual([1, 2, 3])
    expect(events).toContainEqual({ type: 'outbox-error', error: 'boom' })
  })

  it('outbox and peers still work after the stream of tap(outbox) or tap(peers) has ended', () => {
    const [one, two] = pair()
    const received = collect(two.inbox)
    of({ pid: 2, msg: 1 }).pipe(tap(one.outbox)).subscribe()
    of(one.peers.value).pipe(tap(one.peers)).subscribe()
    NEVER.pipe(tap(one.outbox)).subscribe().unsubscribe()
    one.outbox.next({ pid: 2, msg: 2 })
    world.run(10)
    expect(msgs(received)).toEqual([1, 2])
    one.removePeer(2)
    expect(one.peers.value.size).toBe(0)
  })

  it('peers ignores complete() and error()', () => {
    const [one] = pair()
    const events = collect(one.events)
    one.peers.complete()
    one.peers.error('boom')
    one.removePeer(2)
    expect(one.peers.value.size).toBe(0)
    expect(events).toMatchObject([{ type: 'peers-refused' }])
  })

  it('the maps of peers and links are frozen', () => {
    const [one] = pair()
    const peers = one.peers.value as Map<number, unknown>
    expect(() => peers.set(3, {})).toThrow(/frozen/)
    expect(() => peers.delete(2)).toThrow(/frozen/)
    expect(() => (one.links.value as Map<number, unknown>).clear()).toThrow(/frozen/)
    expect(() => Object.assign(peers.get(2) as object, { endpoint: 'x' })).toThrow()
  })

  it('peers copies the map that it is given', () => {
    const [one] = pair()
    const own = new Map(one.peers.value)
    one.peers.next(own)
    own.clear()
    expect(one.peers.value.size).toBe(1)
  })
})

describe('membership', () => {
  const wrong: [string, (peers: Peers) => unknown][] = [
    [
      'a bad endpoint',
      (peers) => new Map([...peers, [3, { pid: 3, endpoint: 'tcp://127.0.0.1:99999' }]]),
    ],
    ['a taken endpoint', (peers) => new Map([...peers, [3, { pid: 3, endpoint: endpointOf(2) }]])],
    ['a bad pid', (peers) => new Map([...peers, [1.5, { pid: 1.5, endpoint: endpointOf(3) }]])],
    ['a key that is another pid', (peers) => new Map([...peers, [3, peerOf(4)]])],
    ['no map', () => ({})],
  ]
  it.each(wrong)('a map with %s changes nothing, and no subscriber sees it', (_, make) => {
    const [one] = pair()
    const emitted = collect(one.peers)
    const events = collect(one.events)
    one.peers.next(make(one.peers.value) as Peers)
    world.run(100)
    expect(emitted).toHaveLength(1)
    expect(events).toMatchObject([{ type: 'peers-refused', error: { code: 'PEER_INVALID' } }])
    expect(one.links.value.get(2)?.state).toBe('up')
  })

  it('queued envelopes for a removed peer are dead letters, and its own are refused', () => {
    const [one, two] = pair()
    const paused = two.pause()
    const dead = collect(one.deadLetters)
    const refused = collect(two.events)
    one.outbox.next({ pid: 2, msg: 'written' })
    world.run(10)
    one.outbox.next({ pid: 2, msg: 'waiting' })
    one.removePeer(2)
    expect(dead).toMatchObject([
      { envelope: { msg: 'written' }, reason: 'peer-removed', outcome: 'unknown' },
      { envelope: { msg: 'waiting' }, reason: 'peer-removed', outcome: 'not-delivered' },
    ])
    paused.unsubscribe()
    two.outbox.next({ pid: 1, msg: 'let me in' })
    world.run(1_000)
    expect(two.links.value.get(1)?.state).toBe('down')
    expect(refused).toContainEqual(
      expect.objectContaining({ type: 'refused-by-peer', pid: 1, reason: 'not-a-member' }),
    )
    checkCounters(one, two)
  })

  it('a peer can be removed and added again in one task, in both directions', () => {
    const [one, two] = pair()
    const received = [collect(one.inbox), collect(two.inbox)]
    for (let count = 0; count < 5; count++) {
      one.removePeer(2)
      one.addPeer(2)
    }
    one.outbox.next({ pid: 2, msg: 'there' })
    two.outbox.next({ pid: 1, msg: 'back' })
    world.run(3_000)
    expect(received.map(msgs)).toEqual([['back'], ['there']])
    expect([one.links.value.get(2)?.state, two.links.value.get(1)?.state]).toEqual(['up', 'up'])
    checkCounters(one, two)
  })

  it('a peer that moves is reached at its new address, and envelopes in flight arrive once', () => {
    const [one, two] = pair()
    const received = collect(two.inbox)
    one.outbox.next({ pid: 2, msg: 0 })
    world.run(10)
    // The same process behind another address, such as a forwarder.
    const elsewhere = 'tcp://127.0.0.1:7777'
    const third = world.open(2, [1, 2], { bind: elsewhere })
    const other = collect(third.inbox)
    one.addPeer({ pid: 2, endpoint: elsewhere })
    one.outbox.next({ pid: 2, msg: 1 })
    world.run(5_000)
    expect(msgs(received)).toEqual([0])
    expect(msgs(other)).toEqual([1])
    expect(one.stats()).toMatchObject({ sent: 2, delivered: 2 })
    checkCounters(one)
  })

  it('a running peer that moves keeps its session', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const two = world.open(2, [1, 2], { bind: 'tcp://*:5002' })
    world.run(1_000)
    const dead = collect(one.deadLetters)
    const received: unknown[] = []
    let paused: Unsubscribable | undefined
    two.inbox.subscribe(({ msg }) => {
      received.push(msg)
      if (msg === 0) paused = two.pause()
    })
    for (const msg of [0, 1, 2]) one.outbox.next({ pid: 2, msg })
    world.run(10)
    one.addPeer({ pid: 2, endpoint: 'tcp://localhost:5002' })
    one.outbox.next({ pid: 2, msg: 3 })
    world.run(1_000)
    paused?.unsubscribe()
    world.run(1_000)
    expect(received).toEqual([0, 1, 2, 3])
    expect(dead).toEqual([])
    expect(one.stats()).toMatchObject({ sent: 4, delivered: 4 })
  })

  it('a peer that restarts is reconnected as a new incarnation', () => {
    const [one, two] = pair()
    two.inbox.subscribe()
    const events = collect(one.events)
    void two.close()
    world.run(2_000)
    expect(one.links.value.get(2)?.state).toBe('down')
    one.outbox.next({ pid: 2, msg: 'to the new one' })
    const again = world.open(2, [1, 2])
    const received = collect(again.inbox)
    world.run(5_000)
    expect(msgs(received)).toEqual(['to the new one'])
    expect(events).toContainEqual({
      type: 'accepted-by-peer',
      pid: 2,
      incarnation: again.incarnation,
    })
  })

  it('addPeer of a pid without an address throws, and changes nothing', () => {
    const [one] = pair()
    expect(() => one.addPeer(9)).toThrow(expect.objectContaining({ code: 'PEER_ADDRESS_UNKNOWN' }))
    expect(() => one.addPeer({ pid: 1, endpoint: 'tcp://127.0.0.1:9' })).toThrow(
      expect.objectContaining({ code: 'PEER_INVALID' }),
    )
    expect(() => one.addPeer(null as never)).toThrow(
      expect.objectContaining({ code: 'PEER_INVALID' }),
    )
    const emitted = collect(one.peers)
    one.removePeer(77)
    expect(emitted).toHaveLength(1)
    expect(one.peers.value.size).toBe(1)
  })

  it('every connection that was opened is closed at the end', () => {
    world = new World()
    const nodes = world.cluster(4)
    for (let count = 0; count < 50; count++) {
      nodes[0]?.removePeer(2 + (count % 3))
      world.run(count % 7)
      nodes[0]?.addPeer(2 + (count % 3))
      world.run(count % 5)
    }
    world.end()
    expect(world.network.open).toBe(0)
  })
})

describe('a handshake', () => {
  it('refuses a node of another cluster', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const two = world.open(2, [1, 2], { cluster: 'other' })
    const [own, others] = [collect(one.events), collect(two.events)]
    world.run(2_000)
    expect(own).toContainEqual(
      expect.objectContaining({ type: 'refused-by-peer', reason: 'wrong-cluster' }),
    )
    expect(others).toContainEqual(
      expect.objectContaining({ type: 'refused-peer', reason: 'wrong-cluster' }),
    )
    expect(one.links.value.get(2)?.state).toBe('down')
  })

  it('reports a refusal once at both ends, however often the refused node tries again', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const two = world.open(2, [1, 2], { cluster: 'other' })
    const refusals = [one, two].map((node) => collect(node.events))
    world.run(30_000)
    const typesOf = (events: readonly NodeEvent[]): readonly string[] =>
      events.map(({ type }) => type).filter((type) => type.startsWith('refused'))
    expect(refusals.map((events) => typesOf(events).toSorted())).toEqual([
      ['refused-by-peer', 'refused-peer'],
      ['refused-by-peer', 'refused-peer'],
    ])
  })

  it('refuses an address with another pid', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    world.open(3, [1, 3], { bind: endpointOf(2) })
    const events = collect(one.events)
    world.run(2_000)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'refused-by-peer', reason: 'wrong-pid' }),
    )
  })

  it('lets the newest of two processes with one pid supersede the other, which gets an event', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const received = collect(one.inbox)
    const first = world.open(2, [1, 2])
    const events = collect(first.events)
    world.run(1_000)
    const second = world.open(2, [1, 2], { bind: 'tcp://127.0.0.1:6666' })
    world.run(1_000)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'refused-by-peer', pid: 1, reason: 'superseded' }),
    )
    first.outbox.next({ pid: 1, msg: 'old' })
    second.outbox.next({ pid: 1, msg: 'new' })
    world.run(20_000)
    expect(msgs(received)).toEqual(['new'])
    expect(first.links.value.get(1)?.state).toBe('down')
  })
})

describe('links and ready', () => {
  it('ready emits once all peers are up, or the given number', () => {
    world = new World()
    const one = world.open(1, [1, 2, 3])
    const [all, some] = [collect(one.ready()), collect(one.ready(1))]
    world.open(2, [1, 2, 3])
    world.run(3_000)
    expect([all.length, some.length]).toEqual([0, 1])
    world.open(3, [1, 2, 3])
    world.run(5_000)
    expect(all).toHaveLength(1)
  })

  it('a request to a peer that is not up yet waits for it, within its timeout', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const answers: unknown[] = []
    const { scheduler, environment } = world
    const options = { timeoutMs: 5_000, random: environment.random, scheduler }
    request(one, { pid: 2, msg: 'up?' }, options).subscribe(({ msg }) => answers.push(msg))
    world.run(1_000)
    expect(one.links.value.get(2)?.state).toBe('down')
    const two = world.open(2, [1, 2])
    two.inbox.subscribe((envelope) => two.outbox.next(reply(envelope, 'now')))
    world.run(3_500)
    expect(answers).toEqual(['now'])
  })

  it('ready errors when the node closes first', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    const codes: string[] = []
    one.ready().subscribe({ error: (error: ClusterError) => codes.push(error.code) })
    void one.close()
    world.run(6_000)
    expect(codes).toEqual(['CLOSED'])
  })

  it('links emits many changes of one task together', () => {
    world = new World()
    const pids = Array.from({ length: 25 }, (_, index) => index + 1)
    const one = world.open(1, pids)
    const emitted = collect(one.links)
    const changes = collect(one.events)
    for (const pid of pids.slice(1)) world.open(pid, pids)
    world.run(3_000)
    expect([...(emitted.at(-1)?.values() ?? [])].every(({ state }) => state === 'up')).toBe(true)
    expect(emitted.length).toBeLessThan(changes.filter(({ type }) => type === 'link').length / 2)
  })
})

describe('close', () => {
  it('drains queued envelopes, and refuses new ones', () => {
    const [one, two] = pair()
    const received = collect(two.inbox)
    const dead = collect(one.deadLetters)
    for (let count = 0; count < 100; count++) one.outbox.next({ pid: 2, msg: count })
    let closed = false
    void one.close().then(() => (closed = true))
    one.outbox.next({ pid: 2, msg: 'late' })
    world.run(1_000)
    expect(received).toHaveLength(100)
    expect(dead).toMatchObject([
      { envelope: { msg: 'late' }, reason: 'closed', outcome: 'not-delivered' },
    ])
    return Promise.resolve().then(() => expect(closed).toBe(true))
  })

  it('turns the rest into dead letters at the deadline', () => {
    world = new World()
    const one = world.open(1, [1, 2], { closeTimeoutMs: 500 })
    const dead = collect(one.deadLetters)
    one.outbox.next({ pid: 2, msg: 0 })
    void one.close()
    world.run(499)
    expect(dead).toEqual([])
    world.run(300)
    expect(dead).toMatchObject([{ reason: 'closed', outcome: 'not-delivered' }])
    checkCounters(one)
  })

  it('takes and acknowledges envelopes while it drains', () => {
    world = new World()
    const one = world.open(1, [1, 2, 3], { closeTimeoutMs: 2_000 })
    const two = world.open(2, [1, 2, 3])
    world.run(1_000)
    const received = collect(one.inbox)
    one.outbox.next({ pid: 3, msg: 'never there' })
    void one.close()
    two.outbox.next({ pid: 1, msg: 'still' })
    world.run(1_000)
    expect(msgs(received)).toEqual(['still'])
    expect(two.stats().delivered).toBe(1)
  })

  it('does not end the links before it returns, even when nothing is in flight', () => {
    const [one] = pair()
    void one.close()
    expect(one.stats().peers.size).toBe(1)
    world.run(1_000)
    expect(one.stats().peers.size).toBe(0)
  })

  it('returns the same promise for every call, and frees its port', () => {
    const [one] = pair()
    expect(one.close()).toBe(one.close())
    world.run(1_000)
    const again = world.open(1, [1, 2])
    world.run(3_000)
    expect([...again.links.value.values()]).toMatchObject([{ state: 'up' }])
  })

  it('is safe in the middle of an inbox batch', () => {
    const [one, two] = pair()
    const received: unknown[] = []
    two.inbox.subscribe(({ msg }) => {
      received.push(msg)
      if (msg === 2) void two.close()
    })
    for (let count = 0; count < 5; count++) one.outbox.next({ pid: 2, msg: count })
    world.run(10_000)
    expect(received.length).toBeGreaterThanOrEqual(3)
    checkCounters(one, two)
  })
})

describe('a port in use', () => {
  it('is retried for one second, and then reported', () => {
    world = new World()
    world.open(1, [1, 2])
    world.run(10)
    const other = world.open(1, [1, 2])
    const codes: [number, string][] = []
    other.bound().subscribe({
      error: (error: ClusterError) => codes.push([world.scheduler.now(), error.code]),
    })
    world.run(3_000)
    expect(codes).toEqual([[expect.any(Number), 'ADDRESS_IN_USE']])
    expect(codes[0]?.[0]).toBeGreaterThan(900)
  })
})
