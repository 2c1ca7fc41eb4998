/** The state of a receiver, its events and its effects. */
import type { ConnectionId, Frame } from '../../ports/transport.ts'
import type { InboundBatch, InboundSession } from '../session/inbound-session.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { NodeKeys } from '../../ports/keys.ts'
import type { Pid } from '../../model/pid.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { Rejection, WireFrame } from '../wire/frames.ts'
import { EMPTY_LIST } from '../../base/list.ts'

/**
 * The receiving end of a node: the connections of all its senders, and an inbound session per
 * member that has joined.
 *
 * Between steps:
 *
 *     every session's pid ∈ members
 *     session ∈ pendingAcks ⟺ session.ackPending
 *     toEpoch of every session <= lastEpoch
 */
export interface Receiver {
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly cluster: string
  readonly windowBytes: number
  readonly maxMessageBytes: number
  readonly maxMessageValues: number
  /** The keys by which senders prove their pids; undefined in a cluster without keys. */
  readonly keys: NodeKeys | undefined
  /** The pids whose offers are accepted. */
  readonly members: Set<Pid>
  /** The epoch of the latest inbound session. */
  lastEpoch: number
  /** The connections that have sent a valid HELLO, oldest first. */
  readonly handshakes: Map<ConnectionId, Handshake>
  readonly sessions: Map<Pid, InboundSession>
  /** The pids that were refused as `not-a-member`: they get `hello-required` as new members. */
  readonly refusedPeers: Map<Pid, ConnectionId>
  /** The last reported refusal of each pid: a refused node offers again and again. */
  readonly reportedRefusals: Map<Pid, RefusalReason>
  /** While the inbox is paused, only replies have credit. */
  paused: boolean
  /** The sessions of the next ACK. */
  pendingAcks: InboundSession[]
  /** Whether the ACK must not be delayed. */
  ackNow: boolean
  /** Batches that came in since the last ACK. */
  unackedBatches: number
  /** Whether it has sent BYE, and ignores what senders have sent before they knew. */
  saidBye: boolean
}

/** A connection that has sent a valid HELLO. */
export interface Handshake {
  /** The pids that were accepted on it. */
  pids: Pid[]
  /** What every offer on it must prove; undefined without keys. */
  readonly challenge: Uint8Array | undefined
}

/** The random numbers of a step. */
export interface ReceiverContext {
  /** Returns `CHALLENGE_BYTES` bytes that cannot be predicted. */
  challenge(): Uint8Array
}

/** The input of `stepReceiver`. */
export type ReceiverEvent =
  | { readonly type: 'frame'; readonly connection: ConnectionId; readonly frame: WireFrame }
  | { readonly type: 'disconnected'; readonly connection: ConnectionId }
  /** Replaces the set of members. */
  | { readonly type: 'members'; readonly pids: ReadonlySet<Pid> }
  | { readonly type: 'add-member'; readonly pid: Pid }
  /** The public keys of members have changed. */
  | { readonly type: 'keys' }
  | { readonly type: 'remove-member'; readonly pid: Pid }
  /**
   * The inbox has settled the next `count` entries of a session, `rejections` among them, and
   * finished batches of `bytes` in total.
   */
  | {
      readonly type: 'settled'
      readonly session: InboundSession
      readonly count: number
      readonly bytes: number
      readonly rejections: readonly Rejection[]
    }
  /** The inbox has dropped all unsettled entries of a session. */
  | { readonly type: 'discarded'; readonly session: InboundSession }
  /** The inbox was paused or resumed. */
  | { readonly type: 'pause'; readonly paused: boolean }
  /** Sends the pending acknowledgements. */
  | { readonly type: 'flush' }
  /** The node closes. */
  | { readonly type: 'bye' }

/** What the driver must do after a step, in order. */
export type ReceiverEffect =
  | { readonly type: 'send'; readonly connection: ConnectionId; readonly frame: Frame }
  /** New entries for the inbox. Their bytes are borrowed until the frame callback returns. */
  | { readonly type: 'deliver'; readonly batch: InboundBatch }
  /** A sender has opened a session: it is the present incarnation of its pid. */
  | { readonly type: 'accepted-sender'; readonly pid: Pid; readonly incarnation: Incarnation }
  | {
      readonly type: 'refused-peer'
      readonly pid: Pid
      readonly reason: RefusalReason
      readonly detail: string
    }
  | { readonly type: 'bad-frame'; readonly detail: string }

/** Creates a receiver without members: it refuses every offer. */
export function createReceiver(
  options: Pick<
    Receiver,
    | 'pid'
    | 'incarnation'
    | 'cluster'
    | 'windowBytes'
    | 'maxMessageBytes'
    | 'maxMessageValues'
    | 'keys'
  >,
): Receiver {
  return {
    ...options,
    members: new Set(),
    lastEpoch: 0,
    handshakes: new Map(),
    sessions: new Map(),
    refusedPeers: new Map(),
    reportedRefusals: new Map(),
    paused: false,
    pendingAcks: EMPTY_LIST,
    ackNow: false,
    unackedBatches: 0,
    saidBye: false,
  }
}
