/** A mutable map of peers, in which one change takes constant time, with an index by endpoint. */
import type { Peer, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'
import { endpointKey } from '../config/check-peers.ts'

/** A mutable copy of `Peers`: a change takes constant time. */
export class PeerIndex {
  readonly #peers: Map<Pid, Peer>
  readonly #pidByEndpoint: Map<string, Pid>

  constructor(peers: Peers) {
    this.#peers = new Map(peers)
    this.#pidByEndpoint = new Map([...peers.values()].map((peer) => [endpointKey(peer), peer.pid]))
  }

  get peers(): Peers {
    return this.#peers
  }

  /** The pid of every peer by its `endpointKey`. */
  get pidByEndpoint(): ReadonlyMap<string, Pid> {
    return this.#pidByEndpoint
  }

  set(peer: Peer): void {
    const former = this.#peers.get(peer.pid)
    if (former !== undefined) this.#pidByEndpoint.delete(endpointKey(former))
    this.#peers.set(peer.pid, peer)
    this.#pidByEndpoint.set(endpointKey(peer), peer.pid)
  }

  delete(pid: Pid): void {
    const former = this.#peers.get(pid)
    if (former === undefined) return
    this.#peers.delete(pid)
    this.#pidByEndpoint.delete(endpointKey(former))
  }
}
