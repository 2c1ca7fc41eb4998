/** The peers: a BehaviorSubject that refuses what is wrong, whole, before anybody has seen it. */
import { BehaviorSubject } from 'rxjs'
import { ClusterError } from '../model/cluster-error.ts'
import type { Peer, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'
import { SerialQueue } from './subjects/serial-queue.ts'
import { frozenMap, isFrozenMap } from '../base/frozen-map.ts'

/** What the peers tell the node. */
export interface PeersHandler {
  /** Every problem of a map; empty where it may be. */
  findProblems(peers: Peers): readonly string[]
  /** Why there is no room for the links to a map of peers, which is right in itself. */
  descriptorShortage(peers: Peers): ClusterError | undefined
  /** Opens and closes links, BEFORE anybody is told. */
  reconcile(peers: Peers): void
  rejected(error: ClusterError): void
}

/** Everyone but me. `next(map)` drives the links; only the node ends it. */
export class PeersSubject extends BehaviorSubject<Peers> {
  readonly #handler: PeersHandler
  readonly #queue = new SerialQueue<PeersChange, undefined>((change) => {
    try {
      const peers = this.#apply(change)
      if (peers === this.value) return
      this.#handler.reconcile(peers)
      super.next(peers)
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      this.#handler.rejected(error)
    }
  }, undefined)

  /** @param peers those of the config; the first `reconcile` is `begin` */
  constructor(peers: Peers, handler: PeersHandler) {
    // Those of a config are frozen already, and shared by all its nodes.
    super(isFrozenMap(peers) ? peers : frozenCopy(peers))
    this.#handler = handler
  }

  /** Opens the links to the first peers. */
  start(): void {
    this.#handler.reconcile(this.value)
  }

  override next(peers: Peers): void {
    try {
      const valid = this.#validate(peers)
      this.#queue.run(() => valid)
    } catch (error) {
      this.#handler.rejected(error as ClusterError)
    }
  }

  /** Adds a peer, or moves it. @throws ClusterError as `change` does */
  add(peer: Peer): void {
    this.change((peers) => new Map([...peers, [peer.pid, peer]]))
  }

  /** Removes a peer; a stranger changes nothing. */
  remove(pid: Pid): void {
    this.change((peers) =>
      peers.has(pid) ? new Map([...peers].filter(([other]) => other !== pid)) : peers,
    )
  }

  /**
   * Makes the next peers of the present ones; two changes in a row build on each other, even from
   * within a subscriber.
   *
   * @throws ClusterError `PEER_INVALID` where the change cannot be made to the present peers,
   *   `DESCRIPTORS_EXHAUSTED` where there is no room for it
   */
  change(change: PeersChange): void {
    this.#apply(change)
    this.#queue.run(change)
  }

  override complete(): void {
    // Its user has finished; the node has not.
  }

  override unsubscribe(): void {
    // Its user has gone; the node has not. `tap(node.peers)` calls it when its stream ends.
  }

  override error(error: unknown): void {
    const message = 'somebody called peers.error(): nothing has changed'
    this.#handler.rejected(new ClusterError('PEER_INVALID', message, { cause: error }))
  }

  /** Ends it: the node closes. */
  end(): void {
    super.complete()
  }

  /** What a change makes of the present peers: the very same where it changes nothing. */
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
      const problems = this.#handler.findProblems(peers as Peers)
      if (problems.length > 0) throw invalidPeers(problems)
      const shortage = this.#handler.descriptorShortage(peers as Peers)
      if (shortage !== undefined) throw shortage
      return frozenCopy(peers as Peers)
    } catch (error) {
      throw error instanceof ClusterError
        ? error
        : invalidPeers([`it cannot be read: ${String(error)}`])
    }
  }
}

/** Makes the next peers of the present ones. */
type PeersChange = (peers: Peers) => Peers

function invalidPeers(issues: readonly string[]): ClusterError {
  return new ClusterError('PEER_INVALID', `peers: nothing has changed: ${issues.join('; ')}`, {
    issues,
  })
}

function frozenCopy(peers: Peers): Peers {
  return frozenMap(
    [...peers].map(([pid, { endpoint }]) => [pid, Object.freeze({ pid, endpoint })] as const),
  )
}
