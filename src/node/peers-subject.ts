/** The peers of a node: a BehaviorSubject whose maps open and close the links. */
import type { Subject } from 'rxjs'
import type { Peer, Peers } from '../model/peer.ts'
import { frozenMap, isFrozenMap } from '../base/frozen-map.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Dispatcher } from './sending/dispatcher.ts'
import { LazySubject } from './subjects/lazy-subject.ts'
import type { LinkPool } from './links/link-pool.ts'
import type { LinkStates } from './link-states.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Pid } from '../model/pid.ts'
import type { ReceiverDriver } from './receiving/receiver-driver.ts'
import { SerialQueue } from './subjects/serial-queue.ts'
import type { Shutdown } from './shutdown.ts'
import { PID_RANGE, checkPeer, checkPeers, endpointKey } from '../config/check-peers.ts'
import { describeValue } from '../base/describe-value.ts'
import { isPid } from '../model/pid.ts'

/** The parts of a node that follow its peers, and those that limit them. */
export interface PeersParts {
  readonly pid: Pid
  readonly pool: LinkPool
  readonly receiver: ReceiverDriver
  readonly linkStates: LinkStates
  readonly dispatcher: Dispatcher
  readonly shutdown: Shutdown
  readonly events: Pick<Subject<NodeEvent>, 'next' | 'observed'>
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
  #peers: Map<Pid, Peer>
  #pidByEndpoint: Map<string, Pid>
  /** Whether the last emitted map is out of date. */
  #changed = false

  /** @param peers those of the config; `start` opens their links */
  constructor(peers: Peers, parts: PeersParts) {
    // The peers of a decoded config are frozen, and all its nodes share them.
    super(isFrozenMap(peers) ? peers : frozenCopy(peers), () => this.#refresh())
    this.#parts = parts
    this.#peers = new Map(peers)
    this.#pidByEndpoint = pidByEndpoint(peers)
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
    this.#reconcile(this.#peers)
  }

  /**
   * Replaces the peers. An entry for the node itself is left out, as a discovery emits it.
   *
   * @throws ClusterError as `addPeer` does, where nothing is subscribed to the events of the node
   */
  override next(peers: Peers): void {
    try {
      this.#queue.run({ type: 'replace', peers: this.#validate(peers) })
    } catch (error) {
      this.#reject(error as ClusterError)
    }
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
    const { pid, endpoint } = peer
    this.#queue.run({ type: 'add', peer: Object.freeze({ pid, endpoint }) })
  }

  /** Removes a peer. A pid that is no peer changes nothing. */
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
    if (!this.#changed) return
    this.#changed = false
    super.next(frozenMap(this.#peers))
  }

  #emit(): void {
    this.#changed = true
    if (this.observed) this.#refresh()
  }

  #reject(error: ClusterError): void {
    const { events } = this.#parts
    // An error that nothing observes must not be lost.
    if (!events.observed) throw error
    events.next({ type: 'peers-refused', error })
  }

  /** Opens and closes links, before any subscriber sees the new peers. */
  #reconcile(peers: Peers): void {
    const { receiver, linkStates, dispatcher } = this.#parts
    receiver.setMembers(new Set(peers.keys()))
    linkStates.syncPeers(peers)
    dispatcher.reconcile(peers)
  }

  #apply(change: PeersChange): void {
    const { receiver, linkStates, dispatcher, shutdown } = this.#parts
    if (change.type === 'replace') {
      if (shutdown.isStarted) throw invalidPeers([CLOSING])
      this.#peers = new Map(change.peers)
      this.#pidByEndpoint = pidByEndpoint(change.peers)
      this.#reconcile(change.peers)
    } else if (change.type === 'add') {
      const { peer } = change
      // Peers may have changed while the change was queued.
      this.#checkPeer(peer)
      const present = this.#peers.get(peer.pid)
      if (present?.endpoint === peer.endpoint) return
      if (present !== undefined) this.#pidByEndpoint.delete(endpointKey(present))
      this.#peers.set(peer.pid, peer)
      this.#pidByEndpoint.set(endpointKey(peer), peer.pid)
      receiver.addMember(peer.pid)
      linkStates.add(peer.pid)
      dispatcher.addPeer(peer)
    } else {
      const { pid } = change
      const present = this.#peers.get(pid)
      if (present === undefined) return
      this.#peers.delete(pid)
      this.#pidByEndpoint.delete(endpointKey(present))
      receiver.removeMember(pid)
      linkStates.remove(pid)
      dispatcher.removePeer(pid)
    }
    this.#emit()
  }

  /** @throws ClusterError `PEER_INVALID`, `DESCRIPTORS_EXHAUSTED` */
  #checkPeer(peer: Peer): void {
    const { shutdown, pool, pid: self } = this.#parts
    if (shutdown.isStarted) throw invalidPeers([CLOSING])
    const { pid, endpoint } = readPeer(peer)
    const problems = checkPeer(pid, endpoint, self, this.#pidByEndpoint)
    if (problems.length > 0) throw invalidPeers(problems)
    const shortage = pool.descriptorShortage([endpoint])
    if (shortage !== undefined) throw shortage
  }

  /** @throws ClusterError `PEER_INVALID` with every problem, `DESCRIPTORS_EXHAUSTED` */
  #validate(peers: unknown): Peers {
    if (!(peers instanceof Map)) {
      throw invalidPeers(['peers: expected a Map from pid to { pid, endpoint }'])
    }
    try {
      const { shutdown, pool, pid } = this.#parts
      const others = new Map([...(peers as Peers)].filter(([key]) => key !== pid))
      const problems = shutdown.isStarted ? [CLOSING] : checkPeers(others, pid)
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
  const expected = 'expected { pid, endpoint }'
  if (typeof peer !== 'object' || peer === null) {
    throw invalidPeers([`${expected}, got ${describeValue(peer)}`])
  }
  const { pid, endpoint } = peer as Partial<Peer>
  if (isPid(pid)) return { pid, endpoint: endpoint as string }
  const hint = typeof pid === 'string' && isPid(Number(pid)) ? `: Number(pid) is a pid` : ''
  throw invalidPeers([`pid: expected ${PID_RANGE}, got ${describeValue(pid)}${hint}`])
}

function pidByEndpoint(peers: Peers): Map<string, Pid> {
  return new Map([...peers.values()].map((peer) => [endpointKey(peer), peer.pid]))
}

function frozenCopy(peers: Peers): Peers {
  return frozenMap(
    [...peers].map(([pid, { endpoint }]) => [pid, Object.freeze({ pid, endpoint })] as const),
  )
}
