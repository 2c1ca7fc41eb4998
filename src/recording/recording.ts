/** Recordings: what a node that records itself hands out, and what is replayed. */
import type { LinkState, Peer } from '../model/peer.ts'
import type { Incarnation } from '../model/envelope.ts'
import type { Limits } from '../model/limits.ts'
import type { NodeTraceEvent } from './trace-event.ts'
import type { Pid } from '../model/pid.ts'

/** A peer, and how the link to it stood. */
export interface RecordedPeer extends Peer {
  readonly link: LinkState
}

/** The last events of one life of a node, and what has to be known to begin with them. */
export interface Recording {
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly cluster: string
  /** Where the node was to listen, as its config says. */
  readonly bind: string
  /** The moment that `atMs` of the events counts from: when the node was opened. */
  readonly startedAt: Date
  readonly limits: Limits
  /** How many events came before these, and are forgotten. */
  readonly dropped: number
  /** As they were before the first of the events. */
  readonly peers: readonly RecordedPeer[]
  /**
   * In the order in which they happened, in milliseconds to the microsecond. A message is as it was
   * when it was sent or received.
   */
  readonly events: readonly NodeTraceEvent[]
}
