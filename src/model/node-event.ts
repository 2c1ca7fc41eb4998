/** Events: what happened to a node besides mail. */
import type { ClusterError } from './cluster-error.ts'
import type { Incarnation } from './envelope.ts'
import type { LinkState } from './peer.ts'
import type { Pid } from './pid.ts'

/** Why a peer does not let me in. */
export type RefusalReason =
  | 'wrong-cluster'
  | 'wrong-version'
  /** I am not in its `peers` (yet): asked again with back-off. */
  | 'not-a-member'
  /** Another pid than the one expected listens at this address. */
  | 'wrong-pid'
  /** A newer process has taken my pid: not tried again for 30 s. */
  | 'superseded'

/** What happened to a node; a closed union, made for `switch (event.type)`. */
export type NodeEvent =
  /** The node listens. */
  | { readonly type: 'bound'; readonly endpoint: string }
  /** The node cannot listen. `createNode` rejects with the same error. */
  | { readonly type: 'bind-failed'; readonly error: ClusterError }
  | { readonly type: 'link'; readonly pid: Pid; readonly state: LinkState }
  /**
   * This process cannot open another socket, so a link is not even dialed: `DESCRIPTORS_EXHAUSTED`.
   * It is tried again; told once until it can.
   */
  | { readonly type: 'link-failed'; readonly pid: Pid; readonly error: ClusterError }
  /** A peer has welcomed me, in this incarnation. */
  | { readonly type: 'accepted-by-peer'; readonly pid: Pid; readonly incarnation: Incarnation }
  /** A peer does not let me in. */
  | {
      readonly type: 'refused-by-peer'
      readonly pid: Pid
      readonly reason: RefusalReason
      readonly detail: string
    }
  /** I did not let somebody in. */
  | {
      readonly type: 'refused-peer'
      readonly pid: Pid
      readonly reason: RefusalReason
      readonly detail: string
    }
  /** A peer came back as a new process. */
  | { readonly type: 'peer-restarted'; readonly pid: Pid; readonly incarnation: Incarnation }
  /**
   * A frame that is not of the protocol came in, and was dropped. `pid` where its sender is known.
   */
  | { readonly type: 'bad-frame'; readonly pid?: Pid; readonly detail: string }
  /** `peers.next`, `addPeer` or `delPeer` was refused whole: nothing has changed. */
  | { readonly type: 'peers-refused'; readonly error: ClusterError }
  /** Somebody called `outbox.error(error)`; the outbox goes on. */
  | { readonly type: 'outbox-error'; readonly error: unknown }
  /** Envelopes are taken while nobody listens to the inbox: once per silence. */
  | { readonly type: 'inbox-unobserved' }
  /** This process did not run for so long; peers are not suspected for it. */
  | { readonly type: 'event-loop-lag'; readonly lagMs: number }
  | { readonly type: 'closed' }
