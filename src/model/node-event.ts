/** Events of a node other than envelopes. */
import type { ClusterError } from './cluster-error.ts'
import type { Incarnation } from './envelope.ts'
import type { LinkState } from './peer.ts'
import type { Pid } from './pid.ts'

/** Why a receiver refuses a session. */
export type RefusalReason =
  | 'wrong-cluster'
  | 'wrong-version'
  /** The sender is not in the receiver's `peers`. The sender tries again with back-off. */
  | 'not-a-member'
  /** Another pid than the expected one listens at this endpoint. */
  | 'wrong-pid'
  /** A newer process has the sender's pid. The sender tries again after 30 s. */
  | 'superseded'
  /** The sender did not prove that it holds the key of its pid. */
  | 'not-proven'
  /** One of the two nodes has keys, and the other has none. */
  | 'key-required'

/** An event of a node: a closed union for `switch (event.type)`. */
export type NodeEvent =
  /** The node listens. */
  | { readonly type: 'bound'; readonly endpoint: string }
  /** The node cannot listen. `createNode` rejects with the same error. */
  | { readonly type: 'bind-failed'; readonly error: ClusterError }
  /** The state of a link has changed, or the reason why it is `down` or `unresponsive`. */
  | {
      readonly type: 'link'
      readonly pid: Pid
      readonly state: LinkState
      readonly reason?: string | undefined
    }
  /**
   * This process has no file descriptors for the link (`DESCRIPTORS_EXHAUSTED`). The node tries
   * again; the next such event follows only after a success.
   */
  | { readonly type: 'link-failed'; readonly pid: Pid; readonly error: ClusterError }
  /** A peer, in this incarnation, accepted a session from this node. */
  | { readonly type: 'accepted-by-peer'; readonly pid: Pid; readonly incarnation: Incarnation }
  /** A peer refused a session from this node. */
  | {
      readonly type: 'refused-by-peer'
      readonly pid: Pid
      readonly reason: RefusalReason
      readonly detail: string
    }
  /** This node refused a session from a peer. */
  | {
      readonly type: 'refused-peer'
      readonly pid: Pid
      readonly reason: RefusalReason
      readonly detail: string
    }
  /** A peer returned as a new process. Emitted once for each of its incarnations but the first. */
  | { readonly type: 'peer-restarted'; readonly pid: Pid; readonly incarnation: Incarnation }
  /** An invalid frame was dropped. `pid` is present where the sender is known. */
  | { readonly type: 'bad-frame'; readonly pid?: Pid | undefined; readonly detail: string }
  /** `peers.next` or `peers.error` was refused, and changed nothing. */
  | { readonly type: 'peers-refused'; readonly error: ClusterError }
  /** `outbox.error(error)` was called, by a stream that errored; the outbox stays open. */
  | { readonly type: 'outbox-error'; readonly error: unknown }
  /** The inbox emits without a subscriber: reported once until it has one again. */
  | { readonly type: 'inbox-unobserved' }
  /** This process stalled for `lagMs`. All deadlines were extended by it. */
  | { readonly type: 'event-loop-lag'; readonly lagMs: number }
  | { readonly type: 'closed' }
