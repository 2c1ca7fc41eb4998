/** Counters of a node. */

/**
 * Counts the envelopes for one receiver, or for all.
 *
 * Invariant: `sent = delivered + dead + inFlight`.
 */
export interface Counters {
  /** Envelopes that entered the outbox or `deliver`; a broadcast counts once for each receiver. */
  readonly sent: number
  /** Envelopes that the receiver's inbox has taken, as acknowledged. */
  readonly delivered: number
  /** Envelopes that `deadLetters` has emitted. */
  readonly dead: number
  /** Envelopes that are queued or unacknowledged. */
  readonly inFlight: number
}

/** The counters of one peer. */
export interface PeerStats extends Counters {
  /** Of those in flight, the envelopes that are not sent yet. */
  readonly queued: number
  /** Of those in flight, the envelopes that are sent. */
  readonly unacknowledged: number
  /** Envelopes from this peer that the inbox has taken. */
  readonly received: number
  /** The last round trip; undefined before the first. */
  readonly roundTripMs: number | undefined
}

/** The counters of a node: the totals, and each present peer. */
export interface Stats extends Counters {
  /** Envelopes that the inbox has taken. */
  readonly received: number
  /** Of those, the envelopes that were emitted without a subscriber. */
  readonly unobserved: number
  /** Calls of `pause` that are not resumed yet. */
  readonly pauses: number
  readonly peers: ReadonlyMap<number, PeerStats>
}
