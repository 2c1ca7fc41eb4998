/** A mutable map of peers, in which one change takes constant time, with indexes. */
import type { Peer, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'
import { type TakenByPeers, endpointKey } from '../config/check-peers.ts'
import { publicKeyTexts } from '../keys/peer-keys.ts'

/** A mutable copy of `Peers`: a change takes constant time. */
export class PeerIndex implements TakenByPeers {
  readonly #peers = new Map<Pid, Peer>()
  readonly #pidByEndpoint = new Map<string, Pid>()
  readonly #pidByKey = new Map<string, Pid>()

  constructor(peers: Peers) {
    for (const peer of peers.values()) this.set(peer)
  }

  get peers(): Peers {
    return this.#peers
  }

  /** The pid of every peer by its `endpointKey`. */
  get pidByEndpoint(): ReadonlyMap<string, Pid> {
    return this.#pidByEndpoint
  }

  /** The pid of every peer by each of its public keys. */
  get pidByKey(): ReadonlyMap<string, Pid> {
    return this.#pidByKey
  }

  set(peer: Peer): void {
    this.delete(peer.pid)
    this.#peers.set(peer.pid, peer)
    this.#pidByEndpoint.set(endpointKey(peer), peer.pid)
    for (const key of publicKeyTexts(peer)) this.#pidByKey.set(key, peer.pid)
  }

  delete(pid: Pid): void {
    const former = this.#peers.get(pid)
    if (former === undefined) return
    this.#peers.delete(pid)
    this.#pidByEndpoint.delete(endpointKey(former))
    for (const key of publicKeyTexts(former)) this.#pidByKey.delete(key)
  }
}
