/** Counts the envelopes of each peer, for the sending and the receiving side of a node. */
import type { Counters } from '../model/stats.ts'
import type { Pid } from '../model/pid.ts'

/**
 * Envelopes of one peer. Invariant: `sent = delivered + dead + in flight`, where the outbound
 * session of the peer knows what is in flight.
 */
export class PeerCounters {
  sent = 0
  delivered = 0
  dead = 0
  received = 0
}

/** The counters of a node: the sending side counts all but `received`, the receiving side that. */
export class NodeCounters {
  readonly #peers = new Map<Pid, PeerCounters>()
  /** Envelopes to pids that are no peers, and those of former peers. */
  readonly others = new PeerCounters()

  /** Returns the counters of a peer, and creates them if it has none. */
  of(pid: Pid): PeerCounters {
    let counters = this.#peers.get(pid)
    if (counters === undefined) {
      counters = new PeerCounters()
      this.#peers.set(pid, counters)
    }
    return counters
  }

  /** Adds what was sent to a former peer to `others`. */
  remove(pid: Pid): void {
    const former = this.#peers.get(pid)
    if (former === undefined) return
    this.#peers.delete(pid)
    addTo(this.others, former)
  }

  /** Adds up what was sent, to present peers and to all others. */
  totals(): Omit<Counters, 'inFlight'> {
    const totals = { sent: 0, delivered: 0, dead: 0 }
    addTo(totals, this.others)
    for (const counters of this.#peers.values()) addTo(totals, counters)
    return totals
  }
}

function addTo(
  totals: { sent: number; delivered: number; dead: number },
  { sent, delivered, dead }: PeerCounters,
): void {
  totals.sent += sent
  totals.delivered += delivered
  totals.dead += dead
}
