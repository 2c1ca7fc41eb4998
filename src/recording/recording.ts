/** The type of a recording: the last events of one incarnation of a node. */
import type { LinkState, Peer } from '../model/peer.ts'
import type { Incarnation } from '../model/envelope.ts'
import type { Limits } from '../model/limits.ts'
import type { NodeTraceEvent } from './trace-event.ts'
import type { Pid } from '../model/pid.ts'

/** A peer, and the state of the link to it. */
export interface RecordedPeer extends Peer {
  readonly link: LinkState
}

/** The last events of one incarnation of a node, and its state before the first of them. */
export interface Recording {
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly cluster: string
  /** The bind address in the config of the node. */
  readonly bind: string
  /** When the node was opened: `atMs` of the events counts from here. */
  readonly startedAt: Date
  readonly limits: Limits
  /** The number of earlier events, which were dropped. */
  readonly dropped: number
  /** The peers before the first of the events. */
  readonly peers: readonly RecordedPeer[]
  /**
   * In the order in which they happened; `atMs` is rounded to the microsecond. A message has the
   * content that it had when it was sent or received.
   */
  readonly events: readonly NodeTraceEvent[]
}
