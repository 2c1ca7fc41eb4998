/** The peers of a node: a BehaviorSubject whose maps open and close the links. */
import { BehaviorSubject, type Subject } from 'rxjs'
import type { Peer, Peers } from '../model/peer.ts'
import { frozenMap, isFrozenMap } from '../base/frozen-map.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Dispatcher } from './sending/dispatcher.ts'
import type { LinkPool } from './links/link-pool.ts'
import type { LinkStates } from './link-states.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Pid } from '../model/pid.ts'
import type { ReceiverDriver } from './receiving/receiver-driver.ts'
import { SerialQueue } from './subjects/serial-queue.ts'
import type { Shutdown } from './shutdown.ts'
import { checkPeers } from '../config/check-peers.ts'

/** The parts of a node that follow its peers, and those that limit them. */
export interface PeersParts {
  readonly pid: Pid
  readonly pool: LinkPool
  readonly receiver: ReceiverDriver
  readonly linkStates: LinkStates
  readonly dispatcher: Dispatcher
  readonly shutdown: Shutdown
  readonly events: Pick<Subject<NodeEvent>, 'next'>
}

/** Returns the next peers, made from the present ones. */
type PeersChange = (peers: Peers) => Peers

/** All peers of a node, without itself. A map with any problem is rejected before any effect. */
export class PeersSubject extends BehaviorSubject<Peers> {
  readonly #parts: PeersParts
  readonly #queue = new SerialQueue<PeersChange, PeersSubject>(PeersSubject.#run, this)

  /** @param peers those of the config; `start` opens their links */
  constructor(peers: Peers, parts: PeersParts) {
    // The peers of a decoded config are frozen, and all its nodes share them.
    super(isFrozenMap(peers) ? peers : frozenCopy(peers))
    this.#parts = parts
  }

  static #run(this: void, change: PeersChange, subject: PeersSubject): void {
    try {
      const peers = subject.#apply(change)
      if (peers === subject.value) return
      subject.#reconcile(peers)
      subject.#emit(peers)
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      subject.#reject(error)
    }
  }

  /** Opens the links to the first peers. */
  start(): void {
    this.#reconcile(this.value)
  }

  override next(peers: Peers): void {
    try {
      const valid = this.#validate(peers)
      this.#queue.run(() => valid)
    } catch (error) {
      this.#reject(error as ClusterError)
    }
  }

  /** Adds a peer, or moves it to another address. @throws ClusterError as `change` does */
  add(peer: Peer): void {
    this.change((peers) => new Map([...peers, [peer.pid, peer]]))
  }

  /** Removes a peer. A pid that is no peer changes nothing. */
  remove(pid: Pid): void {
    this.change((peers) =>
      peers.has(pid) ? new Map([...peers].filter(([other]) => other !== pid)) : peers,
    )
  }

  /**
   * Changes the peers. Two changes in a row build on each other, even from within a subscriber.
   *
   * @throws ClusterError `PEER_INVALID` for invalid peers, `DESCRIPTORS_EXHAUSTED` where
   *   this process may not open as many sockets
   */
  change(change: PeersChange): void {
    this.#apply(change)
    this.#queue.run(change)
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

  #emit(peers: Peers): void {
    super.next(peers)
  }

  #reject(error: ClusterError): void {
    this.#parts.events.next({ type: 'peers-refused', error })
  }

  /** Opens and closes links, before any subscriber sees the new peers. */
  #reconcile(peers: Peers): void {
    const { receiver, linkStates, dispatcher } = this.#parts
    receiver.setMembers(new Set(peers.keys()))
    linkStates.syncPeers(peers)
    dispatcher.reconcile(peers)
  }

  /** @returns the next peers; the same map where the change changes nothing */
  #apply(change: PeersChange): Peers {
    let peers: Peers
    try {
      peers = change(this.value)
    } catch (error) {
      throw invalidPeers([`not a peer: ${String(error)}`])
    }
    return peers === this.value ? peers : this.#validate(peers)
  }

  /** @throws ClusterError `PEER_INVALID` with every problem, `DESCRIPTORS_EXHAUSTED` */
  #validate(peers: unknown): Peers {
    if (!(peers instanceof Map)) {
      throw invalidPeers(['peers: expected a Map from pid to { pid, endpoint }'])
    }
    try {
      const { shutdown, pool, pid } = this.#parts
      const problems = shutdown.isStarted
        ? ['the node is closing']
        : checkPeers(peers as Peers, pid)
      if (problems.length > 0) throw invalidPeers(problems)
      const shortage = pool.descriptorShortage(endpointsOf(peers as Peers))
      if (shortage !== undefined) throw shortage
      return frozenCopy(peers as Peers)
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

function frozenCopy(peers: Peers): Peers {
  return frozenMap(
    [...peers].map(([pid, { endpoint }]) => [pid, Object.freeze({ pid, endpoint })] as const),
  )
}
