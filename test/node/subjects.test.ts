/** The subjects of a node as observers: streams that are subscribed to them, and `tap`. */
import { BehaviorSubject, Subject, config, of, tap } from 'rxjs'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BROADCAST } from '../../src/model/pid.ts'
import { World, endpointOf, peerOf } from './world.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { OutgoingEnvelope } from '../../src/model/envelope.ts'
import type { Peers } from '../../src/model/peer.ts'
import { collect } from './collect.ts'

let world: World
let one: ClusterNode
beforeEach(() => {
  world = new World()
  one = world.open(1, [1, 2])
})
afterEach(() => world.end())

const peersOf = (all: readonly number[]): Peers => new Map(all.map((pid) => [pid, peerOf(pid)]))
const pids = (peers: Peers): readonly number[] => [...peers.keys()]

describe('node.peers as an observer', () => {
  it.each([
    ['of', of(peersOf([3]))],
    ['a BehaviorSubject', new BehaviorSubject(peersOf([3]))],
  ])('follows %s, also after that stream has ended', (_, discovered) => {
    discovered.subscribe(one.peers)
    expect(pids(one.peers.value)).toEqual([3])
    one.peers.next(peersOf([4]))
    expect(pids(one.peers.value)).toEqual([4])
  })

  it('outlives a stream that was unsubscribed', () => {
    const source = new Subject<Peers>()
    const subscription = source.subscribe(one.peers)
    source.next(peersOf([3]))
    subscription.unsubscribe()
    of(peersOf([4])).subscribe(one.peers)
    expect(pids(one.peers.value)).toEqual([4])
  })

  it('leaves out the node itself, which a discovery emits, too', () => {
    const discovered = new Subject<Peers>()
    discovered.subscribe(one.peers)
    discovered.next(peersOf([1, 2, 3]))
    expect(pids(one.peers.value)).toEqual([2, 3])
  })

  it('takes a map of another realm, as jest makes it', () => {
    const endpoint = endpointOf(3)
    const foreign: unknown = runInNewContext('new Map([[3, { pid: 3, endpoint }]])', { endpoint })
    one.peers.next(foreign as Peers)
    expect(pids(one.peers.value)).toEqual([3])
    expect(() => one.peers.next(Object.create(one.peers.value) as Peers)).toThrow('expected a Map')
  })

  it('throws an invalid map at a caller that nothing else would show it to', () => {
    const invalid = new Map([[3, { pid: 4, endpoint: endpointOf(4) }]])
    expect(() => one.peers.next(invalid)).toThrow(expect.objectContaining({ code: 'PEER_INVALID' }))
    const events = collect(one.events)
    one.peers.next(invalid)
    expect(events).toMatchObject([{ type: 'peers-refused', error: { code: 'PEER_INVALID' } }])
    expect(pids(one.peers.value)).toEqual([2])
  })
})

describe('tap', () => {
  it('of the outbox, the peers or the links leaves no subscriber', () => {
    for (let round = 0; round < 100; round++) {
      of({ pid: 2, msg: round }).pipe(tap(one.outbox)).subscribe()
      of(peersOf([2]))
        .pipe(tap(one.peers))
        .subscribe()
    }
    expect([one.outbox.observed, one.peers.observed]).toEqual([false, false])
    expect(one.stats().sent).toBe(100)
  })

  it('passes on values, and subscribers of the outbox still see them', () => {
    const seen: OutgoingEnvelope[] = []
    one.outbox.subscribe((envelope) => seen.push(envelope))
    of({ pid: 2, msg: 'a' }).pipe(tap(one.outbox)).subscribe()
    expect(seen).toEqual([{ pid: 2, msg: 'a' }])
  })
})

describe('addPeer and removePeer', () => {
  it('emit every change to a subscriber, and no change twice', () => {
    const emitted = collect(one.peers)
    one.addPeer({ pid: 3, endpoint: endpointOf(3) })
    one.addPeer({ pid: 3, endpoint: endpointOf(3) })
    one.addPeer({ pid: 3, endpoint: endpointOf(33) })
    one.removePeer(2)
    one.removePeer(2)
    expect(emitted.map(pids)).toEqual([[2], [2, 3], [2, 3], [3]])
    expect(emitted.at(-1)?.get(3)?.endpoint).toBe(endpointOf(33))
    expect(Object.isFrozen(emitted.at(-1))).toBe(true)
  })

  it('are seen by a reader without a subscriber, and by the next subscriber', () => {
    const before = one.peers.value
    one.addPeer({ pid: 3, endpoint: endpointOf(3) })
    expect(pids(one.peers.value)).toEqual([2, 3])
    one.removePeer(2)
    expect(collect(one.peers).map(pids)).toEqual([[3]])
    expect(pids(before)).toEqual([2])
  })

  it('free the endpoint of a peer that has moved or was removed', () => {
    one.addPeer({ pid: 3, endpoint: endpointOf(3) })
    one.addPeer({ pid: 3, endpoint: endpointOf(33) })
    one.addPeer({ pid: 4, endpoint: endpointOf(3) })
    expect(() => one.addPeer({ pid: 5, endpoint: endpointOf(33) })).toThrow('peer 3')
    one.removePeer(3)
    one.addPeer({ pid: 5, endpoint: endpointOf(33) })
    expect(pids(one.peers.value)).toEqual([2, 4, 5])
  })
})

describe('an error that no subscriber of the events would see', () => {
  const invalid = new Map([[9, { pid: 9, endpoint: 'nowhere' }]])

  it('is thrown, also while a recorder records the events', () => {
    one = world.open(3, [2, 3], { recordEvents: 10 })
    expect(() => one.peers.next(invalid)).toThrow(/endpoint/)
    expect(() => one.outbox.error(new Error('boom'))).toThrow('boom')
    const events = collect(one.events)
    one.outbox.error('boom')
    expect(events).toEqual([{ type: 'outbox-error', error: 'boom' }])
  })

  it('is thrown again after the last subscriber has left', () => {
    one.events.subscribe().unsubscribe()
    expect(() => one.peers.next(invalid)).toThrow(/endpoint/)
  })

  it('of a source reaches RxJS as an unhandled error', async () => {
    const unhandled: unknown[] = []
    config.onUnhandledError = (error) => unhandled.push(error)
    const [toOutbox, toPeers] = [new Subject<never>(), new Subject<never>()]
    toOutbox.subscribe(one.outbox)
    toPeers.subscribe(one.peers)
    of(invalid).subscribe(one.peers)
    toOutbox.error('boom')
    toPeers.error('bang')
    await vi.waitFor(() => expect(unhandled).toHaveLength(3))
    config.onUnhandledError = null
    expect(unhandled).toEqual([
      expect.objectContaining({ code: 'PEER_INVALID' }),
      'boom',
      expect.objectContaining({ code: 'PEER_INVALID', cause: 'bang' }),
    ])
  })

  it('is ignored by a node that is closing or closed', () => {
    void one.close()
    one.peers.next(invalid)
    one.peers.next(peersOf([3]))
    world.run(10_000)
    one.peers.next(invalid)
    one.outbox.error('boom')
    expect(pids(one.peers.value)).toEqual([2])
  })
})

describe('peers that are added one by one', () => {
  it('cost no copy of all peers each: the map is made for the next reader', () => {
    one.addPeer(peerOf(3))
    const set = vi.spyOn(Map.prototype, 'set')
    for (let pid = 4; pid < 104; pid++) one.addPeer(peerOf(pid))
    const copies = set.mock.calls.length
    set.mockRestore()
    // A few for each peer, not one for each pair of peers.
    expect(copies).toBeLessThan(100 * 30)
    expect(one.peers.value).toBe(one.peers.value)
    expect(one.peers.value.size).toBe(102)
  })

  it('build on each other, also within a subscriber of the peers', () => {
    const emitted: string[] = []
    one.peers.subscribe((peers) => {
      if (!peers.has(3) || peers.has(4)) return
      one.addPeer(peerOf(4))
      one.removePeer(3)
    })
    one.peers.subscribe((peers) => emitted.push(pids(peers).join()))
    one.addPeer(peerOf(3))
    expect(emitted).toEqual(['2', '2,3', '2,3,4', '2,4'])
  })

  it('are receivers of a broadcast before anything has read the peers', () => {
    one.addPeer(peerOf(3))
    one.deliver({ pid: BROADCAST, msg: 'all' }).subscribe({ error: () => undefined })
    expect(one.stats()).toMatchObject({ sent: 2 })
  })
})
