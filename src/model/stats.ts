/** Counters of a node. */

/**
 * What became of the envelopes for one receiver, or for all of them. The law, at every moment:
 * `sent = delivered + dead + inFlight`.
 */
export interface Counters {
  /** Envelopes that entered the outbox or `deliver`; a broadcast counts once for each receiver. */
  readonly sent: number
  /** Acknowledged: the receiver's inbox has taken them. */
  readonly delivered: number
  /** Came out of `deadLetters`. */
  readonly dead: number
  /** Neither yet: waiting to be written, or written and not yet acknowledged. */
  readonly inFlight: number
}

/** The counters of one peer. */
export interface PeerStats extends Counters {
  /** Of those in flight: waiting to be written. */
  readonly queued: number
  /** Of those in flight: written, not yet acknowledged. */
  readonly unacknowledged: number
  /** Envelopes of this peer that my inbox has taken. */
  readonly received: number
  /** The last round trip, in milliseconds; undefined before the first. */
  readonly roundTripMs: number | undefined
}

/** The counters of a node: the totals, and each present peer. */
export interface Stats extends Counters {
  /** Envelopes that my inbox has taken. */
  readonly received: number
  /** Of those: emitted while nobody listened. */
  readonly unobserved: number
  /** How often `pause` is in force now. */
  readonly pauses: number
  readonly peers: ReadonlyMap<number, PeerStats>
}
