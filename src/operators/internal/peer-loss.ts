/** Notifies watchers when a peer is removed or its link goes down, by one shared subscription. */
import type { Links, Peers } from '../../model/peer.ts'
import type { Pid } from '../../model/pid.ts'
import type { Mailbox } from '../../ports/mailbox.ts'
import { Subscription } from 'rxjs'

/** The streams that are watched. */
export type WatchedMailbox = Pick<Mailbox, 'peers' | 'links'>

const instances = new WeakMap<WatchedMailbox['links'], PeerLossMonitor>()

/** Watches the peers of one node. Subscribes to `peers` and `links` while there is a watcher. */
export class PeerLossMonitor {
  readonly #mailbox: WatchedMailbox
  readonly #watchers = new Map<Pid, Set<(message: string) => void>>()
  #subscription: Subscription | undefined
  #peers: Peers
  #links: Links

  private constructor(mailbox: WatchedMailbox) {
    this.#mailbox = mailbox
    this.#peers = mailbox.peers.value
    this.#links = mailbox.links.value
  }

  /** Returns the monitor of a node; all its watchers share it. */
  static of(mailbox: WatchedMailbox): PeerLossMonitor {
    const existing = instances.get(mailbox.links)
    if (existing !== undefined && existing.#mailbox.peers === mailbox.peers) return existing
    const monitor = new PeerLossMonitor(mailbox)
    instances.set(mailbox.links, monitor)
    return monitor
  }

  /**
   * Calls `onLost` whenever the peer is removed, or its link was up and goes down.
   *
   * @returns stops watching
   */
  watch(pid: Pid, onLost: (message: string) => void): () => void {
    const watchers = this.#watchers.get(pid) ?? new Set()
    this.#watchers.set(pid, watchers.add(onLost))
    if (this.#subscription === undefined) this.#subscribe()
    return () => {
      watchers.delete(onLost)
      if (watchers.size === 0 && this.#watchers.get(pid) === watchers) this.#watchers.delete(pid)
      if (this.#watchers.size > 0) return
      this.#subscription?.unsubscribe()
      this.#subscription = undefined
    }
  }

  #subscribe(): void {
    const { peers, links } = this.#mailbox
    this.#peers = peers.value
    this.#links = links.value
    this.#subscription = new Subscription()
    this.#subscription.add(peers.subscribe((current) => this.#onPeers(current)))
    this.#subscription.add(links.subscribe((current) => this.#onLinks(current)))
  }

  #onPeers(current: Peers): void {
    const previous = this.#peers
    this.#peers = current
    for (const pid of [...this.#watchers.keys()]) {
      if (previous.has(pid) && !current.has(pid)) this.#notify(pid, `peer ${pid} was removed`)
    }
  }

  #onLinks(current: Links): void {
    const previous = this.#links
    this.#links = current
    for (const pid of [...this.#watchers.keys()]) {
      const state = previous.get(pid)?.state
      // A link that was never up can still come up within the timeout.
      const wasUp = state === 'up' || state === 'unresponsive'
      if (wasUp && current.get(pid)?.state === 'down')
        this.#notify(pid, `the link to peer ${pid} went down`)
    }
  }

  #notify(pid: Pid, message: string): void {
    for (const onLost of [...(this.#watchers.get(pid) ?? [])]) onLost(message)
  }
}
