/** The peers of a node: a BehaviorSubject; each new map opens and closes links. */
import { type Peer, type Peers, frozenPeer } from '../model/peer.ts'
import { frozenMap, isFrozenMap } from '../base/frozen-map.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Dispatcher } from './sending/dispatcher.ts'
import { LazySubject } from './subjects/lazy-subject.ts'
import type { LinkPool } from './links/link-pool.ts'
import type { LinkStates } from './link-states.ts'
import type { NodeEvents } from './node-events.ts'
import { PeerIndex } from './peer-index.ts'
import type { Pid } from '../model/pid.ts'
import type { ReceiverDriver } from './receiving/receiver-driver.ts'
import { SerialQueue } from './subjects/serial-queue.ts'
import type { Shutdown } from './shutdown.ts'
import {
  PID_RANGE,
  type PeerRules,
  checkPeer,
  checkPeers,
  isSamePeer,
} from '../config/check-peers.ts'
import { describeValue } from '../base/describe-value.ts'
import { isMap } from '../base/is-map.ts'
import { isPid, textPidAdvice } from '../model/pid.ts'

/** The parts of a node that follow its peers, and those that limit them. */
export interface PeersParts {
  readonly rules: PeerRules
  readonly pool: LinkPool
  readonly receiver: ReceiverDriver
  readonly linkStates: LinkStates
  readonly dispatcher: Dispatcher
  readonly shutdown: Shutdown
  readonly events: Pick<NodeEvents, 'next' | 'report'>
}

const CLOSING = 'the node is closing'

type PeersChange =
  | { readonly type: 'replace'; readonly peers: Peers }
  | { readonly type: 'add'; readonly peer: Peer }
  | { readonly type: 'remove'; readonly pid: Pid }

/**
 * All peers of a node, without itself. A change with any problem is rejected before any effect.
 *
 * Adding and removing one peer takes constant time: the map of all peers is copied only for a
 * subscriber or reader.
 */
export class PeersSubject extends LazySubject<Peers> {
  readonly #parts: PeersParts
  readonly #queue = new SerialQueue<PeersChange, PeersSubject>(PeersSubject.#run, this)
  /** Present from the first `addPeer` or `removePeer` on: 700 nodes know 699 peers each. */
  #index: PeerIndex | undefined
  /** Whether the last emitted map is out of date. */
  #changed = false

  /** @param peers those of the config; `start` opens their links */
  constructor(peers: Peers, parts: PeersParts) {
    // The peers of a decoded config are frozen, and all its nodes share them.
    super(isFrozenMap(peers) ? peers : frozenCopy(peers), () => this.#refresh())
    this.#parts = parts
  }

  static #run(this: void, change: PeersChange, subject: PeersSubject): void {
    try {
      subject.#apply(change)
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      subject.#reject(error)
    }
  }

  /** Opens the links to the first peers. */
  start(): void {
    this.#reconcile(this.value)
  }

  /** The present peers, without the copy that `value` may make. */
  pids(): Iterable<Pid> {
    return (this.#index?.peers ?? this.value).keys()
  }

  /**
   * Replaces the peers. An entry for the node itself is left out, as a discovery emits it.
   *
   * @throws ClusterError as `addPeer` does, where nothing is subscribed to the events of the node
   */
  override next(peers: Peers): void {
    let valid: Peers
    try {
      valid = this.#validate(peers)
    } catch (error) {
      this.#reject(error as ClusterError)
      return
    }
    this.#queue.run({ type: 'replace', peers: valid })
  }

  /**
   * Adds a peer, or moves it to another address. Not called `add`: RxJS takes an observer with the
   * methods `add`, `remove` and `unsubscribe` for one of its own Subscribers.
   *
   * @throws ClusterError `PEER_INVALID` for an invalid peer, `DESCRIPTORS_EXHAUSTED` where
   *   this process may not open as many sockets
   */
  addPeer(peer: Peer): void {
    this.#checkPeer(peer)
    this.#queue.run({ type: 'add', peer: frozenPeer(peer) })
  }

  /** Removes a peer. The pid of no peer changes nothing. */
  removePeer(pid: Pid): void {
    this.#queue.run({ type: 'remove', pid })
  }

  override complete(): void {
    // The stream that was subscribed has completed, not the node.
  }

  /** RxJS calls it when the stream of `tap(node.peers)` ends: it takes the peers for a handler. */
  override unsubscribe(): void {
    // The stream has ended, not the node.
  }

  override error(error: unknown): void {
    const message = 'peers.error() was called: the peers have not changed'
    this.#reject(new ClusterError('PEER_INVALID', message, { cause: error }))
  }

  /** Completes the subscribers: the node has closed. */
  end(): void {
    super.complete()
  }

  #refresh(): void {
    if (!this.#changed || this.#index === undefined) return
    this.#emit(frozenMap(this.#index.peers))
  }

  #emit(peers: Peers): void {
    this.#changed = false
    super.next(peers)
  }

  /** A closing node ignores its peers: the caller need not know that it closes. */
  #reject(error: ClusterError): void {
    const { events, shutdown } = this.#parts
    const event = { type: 'peers-refused', error } as const
    if (shutdown.isStarted) events.next(event)
    else events.report(event)
  }

  /** Opens and closes links, before any subscriber sees the new peers. */
  #reconcile(peers: Peers): void {
    const { rules, receiver, linkStates, dispatcher } = this.#parts
    rules.keys?.setPeers(peers)
    receiver.setMembers(new Set(peers.keys()))
    linkStates.syncPeers(peers)
    dispatcher.reconcile(peers)
  }

  #apply(change: PeersChange): void {
    const { rules, receiver, linkStates, dispatcher, shutdown } = this.#parts
    if (change.type === 'replace') {
      if (shutdown.isStarted) throw invalidPeers([CLOSING])
      this.#reconcile(change.peers)
      this.#index = undefined
      this.#emit(change.peers)
      return
    }
    const index = this.#indexed()
    if (change.type === 'add') {
      const { peer } = change
      // Peers may have changed while the change was queued.
      this.#checkPeer(peer)
      const former = index.peers.get(peer.pid)
      if (former !== undefined && isSamePeer(former, peer)) return
      rules.keys?.setPeer(peer)
      // Another key alone neither moves the link nor resets the session.
      if (former?.endpoint !== peer.endpoint) {
        receiver.addMember(peer.pid)
        linkStates.add(peer.pid)
        dispatcher.addPeer(peer)
      }
      receiver.keysChanged()
      index.set(peer)
    } else {
      const { pid } = change
      if (!index.peers.has(pid)) return
      rules.keys?.removePeer(pid)
      receiver.removeMember(pid)
      linkStates.remove(pid)
      dispatcher.removePeer(pid)
      index.delete(pid)
    }
    this.#changed = true
    if (this.observed) this.#refresh()
  }

  #indexed(): PeerIndex {
    this.#index ??= new PeerIndex(this.value)
    return this.#index
  }

  /** @throws ClusterError `PEER_INVALID`, `DESCRIPTORS_EXHAUSTED` */
  #checkPeer(peer: Peer): void {
    const { shutdown, pool, rules } = this.#parts
    if (shutdown.isStarted) throw invalidPeers([CLOSING])
    const candidate = readPeer(peer)
    const problems = checkPeer(candidate, rules, this.#indexed())
    if (problems.length > 0) throw invalidPeers(problems)
    const shortage = pool.descriptorShortage([candidate.endpoint])
    if (shortage !== undefined) throw shortage
  }

  /** @throws ClusterError `PEER_INVALID` with every problem, `DESCRIPTORS_EXHAUSTED` */
  #validate(peers: unknown): Peers {
    if (!isMap(peers)) {
      throw invalidPeers(['peers: expected a Map from pid to { pid, endpoint }'])
    }
    try {
      const { shutdown, pool, rules } = this.#parts
      const others = new Map([...(peers as Peers)].filter(([key]) => key !== rules.pid))
      const problems = shutdown.isStarted ? [CLOSING] : checkPeers(others, rules)
      if (problems.length > 0) throw invalidPeers(problems)
      const shortage = pool.descriptorShortage(endpointsOf(others))
      if (shortage !== undefined) throw shortage
      return frozenCopy(others)
    } catch (error) {
      throw error instanceof ClusterError
        ? error
        : invalidPeers([`the map cannot be read: ${String(error)}`])
    }
  }
}

/** Returns the addresses of peers. */
export function endpointsOf(peers: Peers): string[] {
  return [...peers.values()].map(({ endpoint }) => endpoint)
}

function invalidPeers(issues: readonly string[]): ClusterError {
  return new ClusterError('PEER_INVALID', `the peers have not changed: ${issues.join('; ')}`, {
    issues,
  })
}

/** Reads a peer from the application. @throws ClusterError `PEER_INVALID` */
function readPeer(peer: unknown): Peer {
  const expected = 'expected { pid, endpoint }, or a pid'
  if (typeof peer !== 'object' || peer === null) {
    throw invalidPeers([`${expected}, got ${describeValue(peer)}${textPidAdvice(peer)}`])
  }
  const { pid, endpoint, publicKey } = peer as Partial<Peer>
  if (isPid(pid)) return { pid, endpoint: endpoint as string, publicKey }
  throw invalidPeers([`pid: expected ${PID_RANGE}, got ${describeValue(pid)}${textPidAdvice(pid)}`])
}

function frozenCopy(peers: Peers): Peers {
  return frozenMap([...peers].map(([pid, peer]) => [pid, frozenPeer(peer)] as const))
}
