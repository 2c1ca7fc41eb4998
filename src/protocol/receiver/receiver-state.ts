/** The state of a receiver, what happens to it, and what it asks its driver to do. */
import type { ConnectionId, Frame } from '../../ports/transport.ts'
import type { InboundBatch, InboundSession } from '../session/inbound-session.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { Pid } from '../../model/pid.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { Rejection, WireFrame } from '../wire/frames.ts'
import { EMPTY_LIST } from '../../base/list.ts'

/** A reception. */
export interface Receiver {
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly cluster: string
  readonly windowBytes: number
  readonly maxMessageBytes: number
  /** Whom to let in. */
  readonly members: Set<Pid>
  /** Every record of a sender has an epoch of its own. */
  lastEpoch: number
  /**
   * The connections that have said HELLO to this node and this cluster, the latest last, and whose
   * sessions were let in on each.
   */
  readonly handshaken: Map<ConnectionId, Pid[]>
  readonly sessions: Map<Pid, InboundSession>
  /**
   * Who was last turned away for not being a member, so that it hears of it when it becomes one.
   */
  readonly refusedPeers: Map<Pid, ConnectionId>
  /** The inbox takes nothing at present: no credit. */
  paused: boolean
  /** The sessions whose acknowledgement is due. */
  pendingAcks: InboundSession[]
  /** Somebody waits for one of them: it must not be delayed. */
  ackNow: boolean
  /** Runs that came in since the last acknowledgement. */
  unackedBatches: number
}

/** What happens to a reception. */
export type ReceiverEvent =
  | { readonly type: 'frame'; readonly connection: ConnectionId; readonly frame: WireFrame }
  | { readonly type: 'disconnected'; readonly connection: ConnectionId }
  /** These are the members from now on. */
  | { readonly type: 'members'; readonly pids: ReadonlySet<Pid> }
  /**
   * The inbox has settled the next `count` entries of a session, `rejections` among them; runs of
   * so many bytes were finished.
   */
  | {
      readonly type: 'settled'
      readonly session: InboundSession
      readonly count: number
      readonly bytes: number
      readonly rejections: readonly Rejection[]
    }
  /** The inbox has dropped all that it held of a session. */
  | { readonly type: 'discarded'; readonly session: InboundSession }
  /** The inbox has stopped taking, or takes again. */
  | { readonly type: 'pause'; readonly paused: boolean }
  /** Acknowledgements may go. */
  | { readonly type: 'flush' }
  /** The node closes. */
  | { readonly type: 'bye' }

/** What a reception wants to be done. */
export type ReceiverEffect =
  | { readonly type: 'send'; readonly connection: ConnectionId; readonly frame: Frame }
  | { readonly type: 'deliver'; readonly batch: InboundBatch }
  | {
      readonly type: 'refused-peer'
      readonly pid: Pid
      readonly reason: RefusalReason
      readonly detail: string
    }
  | { readonly type: 'peer-restarted'; readonly pid: Pid; readonly incarnation: Incarnation }
  | { readonly type: 'bad-frame'; readonly detail: string }

/** A reception that lets nobody in yet. */
export function createReceiver(
  options: Pick<Receiver, 'pid' | 'incarnation' | 'cluster' | 'windowBytes' | 'maxMessageBytes'>,
): Receiver {
  return {
    ...options,
    members: new Set(),
    lastEpoch: 0,
    handshaken: new Map(),
    sessions: new Map(),
    refusedPeers: new Map(),
    paused: false,
    pendingAcks: EMPTY_LIST,
    ackNow: false,
    unackedBatches: 0,
  }
}
