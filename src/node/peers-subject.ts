/** The peers: a BehaviorSubject that refuses what is wrong, whole, before anybody has seen it. */
import { BehaviorSubject } from 'rxjs'
import { ClusterError } from '../model/cluster-error.ts'
import type { Peers } from '../model/peer.ts'
import { Turns } from './turns.ts'
import { frozenMap } from '../model/frozen-map.ts'

/** What the peers tell the node. */
export interface PeersOwner {
  /** Every problem of a map; empty where it may be. */
  problems(peers: Peers): readonly string[]
  /** Opens and closes links, BEFORE anybody is told. */
  reconcile(peers: Peers): void
  refused(error: ClusterError): void
}

/** Everyone but me. `next(map)` drives the links; only the node ends it. */
export class PeersSubject extends BehaviorSubject<Peers> {
  readonly #owner: PeersOwner
  readonly #turns = new Turns<Peers>((peers) => {
    this.#owner.reconcile(peers)
    super.next(peers)
  })

  /** @param peers those of the config; the first `reconcile` is `begin` */
  constructor(peers: Peers, owner: PeersOwner) {
    super(copy(peers))
    this.#owner = owner
  }

  /** Opens the links to the first peers. */
  begin(): void {
    this.#owner.reconcile(this.value)
  }

  override next(peers: Peers): void {
    const problems = this.problems(peers)
    if (problems.length === 0) this.#turns.take(copy(peers))
    else this.#owner.refused(refusal(problems))
  }

  /** The same, for a caller who can catch. @throws ClusterError `PEER_INVALID` */
  change(peers: Peers): void {
    const problems = this.problems(peers)
    if (problems.length > 0) throw refusal(problems)
    this.#turns.take(copy(peers))
  }

  override complete(): void {
    // Its user has finished; the node has not.
  }

  override error(error: unknown): void {
    const message = 'somebody called peers.error(): nothing has changed'
    this.#owner.refused(new ClusterError('PEER_INVALID', message, { cause: error }))
  }

  /** Ends it: the node closes. */
  end(): void {
    super.complete()
  }

  private problems(peers: unknown): readonly string[] {
    if (peers instanceof Map) return this.#owner.problems(peers as Peers)
    return ['peers: expected a Map from pid to { pid, endpoint }']
  }
}

function refusal(issues: readonly string[]): ClusterError {
  return new ClusterError('PEER_INVALID', `peers: nothing has changed: ${issues.join('; ')}`, {
    issues,
  })
}

function copy(peers: Peers): Peers {
  return frozenMap(
    [...peers].map(([pid, { endpoint }]) => [pid, Object.freeze({ pid, endpoint })] as const),
  )
}
