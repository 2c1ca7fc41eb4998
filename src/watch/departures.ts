/** Departures: tells who goes, to as many as want to know, with one look at each change. */
import type { Links, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'
import type { Post } from '../ports/post.ts'
import { Subscription } from 'rxjs'

/** What it watches. */
export type Watched = Pick<Post, 'peers' | 'links'>

const all = new WeakMap<Watched['links'], Departures>()

/** The departures of one node's peers: one subscription of `peers` and `links`, while any watch. */
export class Departures {
  readonly #watched: Watched
  readonly #watchers = new Map<Pid, Set<(message: string) => void>>()
  #subscription: Subscription | undefined
  #peers: Peers
  #links: Links

  private constructor(watched: Watched) {
    this.#watched = watched
    this.#peers = watched.peers.value
    this.#links = watched.links.value
  }

  /** The departures of these peers. */
  static of(watched: Watched): Departures {
    const known = all.get(watched.links)
    if (known !== undefined && known.#watched.peers === watched.peers) return known
    const departures = new Departures(watched)
    all.set(watched.links, departures)
    return departures
  }

  /**
   * Calls `gone` when a peer leaves, or its link goes down that was up; from now on.
   *
   * @returns watches no longer
   */
  watch(pid: Pid, gone: (message: string) => void): () => void {
    const watchers = this.#watchers.get(pid) ?? new Set()
    this.#watchers.set(pid, watchers.add(gone))
    if (this.#subscription === undefined) this.#begin()
    return () => {
      watchers.delete(gone)
      if (watchers.size === 0 && this.#watchers.get(pid) === watchers) this.#watchers.delete(pid)
      if (this.#watchers.size > 0) return
      this.#subscription?.unsubscribe()
      this.#subscription = undefined
    }
  }

  #begin(): void {
    const { peers, links } = this.#watched
    this.#peers = peers.value
    this.#links = links.value
    this.#subscription = new Subscription()
    this.#subscription.add(peers.subscribe((now) => this.#peersAre(now)))
    this.#subscription.add(links.subscribe((now) => this.#linksAre(now)))
  }

  #peersAre(now: Peers): void {
    const before = this.#peers
    this.#peers = now
    for (const pid of [...this.#watchers.keys()]) {
      if (before.has(pid) && !now.has(pid)) this.#tell(pid, `peer ${pid} has left`)
    }
  }

  #linksAre(now: Links): void {
    const before = this.#links
    this.#links = now
    for (const pid of [...this.#watchers.keys()]) {
      const state = before.get(pid)
      // A link that has not been up yet may still come up in time.
      const wasUp = state === 'up' || state === 'busy'
      if (wasUp && now.get(pid) === 'down') this.#tell(pid, `the link to peer ${pid} went down`)
    }
  }

  #tell(pid: Pid, message: string): void {
    for (const gone of [...(this.#watchers.get(pid) ?? [])]) gone(message)
  }
}
