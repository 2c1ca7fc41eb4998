/** The state of a link, its events and its effects. */
import type { Frame } from '../../ports/transport.ts'
import type { LinkState } from '../../model/peer.ts'
import type { LinkTuning } from './tuning.ts'
import type { OutboundSession } from '../session/outbound-session.ts'
import type { Pid } from '../../model/pid.ts'
import type { ProofRecipient } from '../proof.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { SessionRef, WireFrame } from '../wire/frames.ts'
import type { Settlement } from '../session/entries.ts'
import { EMPTY_LIST } from '../../base/list.ts'
import { RingQueue } from '../../base/ring-queue.ts'
import { SmallMap } from '../../base/small-map.ts'

/**
 * A link: the sender's end of successive connections to one address, with the sessions that it
 * carries.
 *
 * Between steps:
 *
 *     phase 'handshake' or 'open' implies HELLO was sent on this connection
 *     pendingJoins or pendingLeaves not empty implies HELLO was sent
 *     pingSentMs !== undefined implies phase 'open'
 *     unresponsive implies pingSentMs !== undefined
 *     readyQueue ⊆ sessions
 *     allDirty === false, dirty is empty
 */
export interface Link {
  readonly cluster: string
  /** The pid that is expected to listen at the address. */
  readonly to: Pid
  /** Where the local node that opened the link listens, as HELLO states it. */
  readonly ownEndpoint: string
  /** Whether its local nodes have keys. */
  readonly keyed: boolean
  readonly tuning: LinkTuning
  /** By the pid of the local node. */
  readonly sessions: SmallMap<Pid, OutboundSession>
  phase: 'disconnected' | 'dialing' | 'handshake' | 'open'
  /** Whether a connection was lost or refused since a receiver last answered the handshake. */
  failedSinceOpen: boolean
  /** Why the last of them ended; undefined where the receiver has refused the sessions. */
  failure: string | undefined
  /** Connections that failed since then, for the back-off. */
  attempts: number
  redialAtMs: number
  /** When phase `dialing` or `handshake` times out. */
  connectDeadlineMs: number
  /** The nonce of the last HELLO. */
  nonce: number
  /** What offers are proven to, by the CHALLENGE that answered the last HELLO. */
  recipient: LinkRecipient | undefined
  lastReceivedMs: number
  lastSentMs: number
  /** When the unanswered PING was sent; undefined if there is none. */
  pingSentMs: number | undefined
  pingToken: number
  /** The number of PINGs that were sent. */
  pingCount: number
  /** Whether the last PING requested session reports. */
  pingRequestsReports: boolean
  /** Whether PONG is overdue. */
  unresponsive: boolean
  /** The link state of every session, or its reason, may differ from those reported. */
  allDirty: boolean
  /** The sessions whose link state or reason may differ from those reported. */
  dirty: OutboundSession[]
  /** The sessions that were added since the last HELLO or JOIN. */
  pendingJoins: OutboundSession[]
  /** The sessions that ended since the last LEAVE. */
  pendingLeaves: SessionRef[]
  /** Established sessions with unsent entries, in the order in which they take their turns. */
  readonly readyQueue: SmallMap<OutboundSession, OutboundSession>
  /** The DATA frames whose arrival no report has confirmed yet, oldest first. */
  readonly framesOnWire: RingQueue<FrameOnWire>
  /** When the driver must step a `tick`; Infinity for never. */
  nextTickMs: number
}

/** The node at the other end of a connection, and its key. */
export interface LinkRecipient extends ProofRecipient {
  readonly publicKey: Uint8Array
}

/** A DATA frame that was sent. It has arrived when its last entry has. */
export interface FrameOnWire {
  readonly session: OutboundSession
  /** The frame counts as lost once the session is in a later generation. */
  readonly generation: number
  /** The sequence number of the last entry. */
  readonly end: number
}

/** The input of `stepLink`. */
export type LinkEvent =
  /** Adds a session. A `flush` must follow; it sends one JOIN for all added sessions. */
  | { readonly type: 'add'; readonly session: OutboundSession }
  /**
   * Removes a session: with LEAVE if it ends, without if it migrates to another link. The step has
   * no effects; a `flush` must follow.
   */
  | { readonly type: 'remove'; readonly session: OutboundSession; readonly migrates: boolean }
  /** The connection of the last `dial` is open. */
  | { readonly type: 'opened' }
  /** The connection was lost or never opened; not after the effect `disconnect`. */
  | { readonly type: 'closed'; readonly reason: string }
  | { readonly type: 'frame'; readonly frame: WireFrame }
  /** These sessions may have entries to send; JOIN and LEAVE are sent as well. */
  | { readonly type: 'flush'; readonly sessions: readonly OutboundSession[] }
  /** `nextTickMs` was reached; the timer fired `lagMs` late. */
  | { readonly type: 'tick'; readonly lagMs: number }

/** What the driver must do after a step, in order. */
export type LinkEffect =
  | { readonly type: 'dial' }
  | { readonly type: 'disconnect' }
  | { readonly type: 'send'; readonly frame: Frame }
  /** Entries of a session have ended; emitted exactly once for each entry. */
  | { readonly type: 'settled'; readonly session: OutboundSession; readonly settlement: Settlement }
  /** The state of a session or its reason has changed. */
  | {
      readonly type: 'state'
      readonly session: OutboundSession
      readonly state: LinkState
      readonly reason: string | undefined
    }
  | { readonly type: 'established'; readonly session: OutboundSession }
  | {
      readonly type: 'refused'
      readonly session: OutboundSession
      readonly reason: RefusalReason
      readonly detail: string
    }
  | { readonly type: 'bad-frame'; readonly detail: string }

/** Creates a disconnected link without sessions; the first `add` dials. */
export function createLink(
  {
    cluster,
    to,
    ownEndpoint,
    keyed,
    tuning,
  }: Pick<Link, 'cluster' | 'to' | 'ownEndpoint' | 'keyed' | 'tuning'>,
  nowMs: number,
): Link {
  // Property by property: with a spread it would take ten times as long, and more memory.
  return {
    cluster,
    to,
    ownEndpoint,
    keyed,
    tuning,
    sessions: new SmallMap(),
    phase: 'disconnected',
    failedSinceOpen: false,
    failure: undefined,
    attempts: 0,
    redialAtMs: nowMs,
    connectDeadlineMs: Infinity,
    nonce: 0,
    recipient: undefined,
    lastReceivedMs: nowMs,
    lastSentMs: nowMs,
    pingSentMs: undefined,
    pingToken: 0,
    pingCount: 0,
    pingRequestsReports: false,
    unresponsive: false,
    allDirty: false,
    dirty: EMPTY_LIST,
    pendingJoins: EMPTY_LIST,
    pendingLeaves: EMPTY_LIST,
    readyQueue: new SmallMap(),
    framesOnWire: new RingQueue(),
    nextTickMs: Infinity,
  }
}
