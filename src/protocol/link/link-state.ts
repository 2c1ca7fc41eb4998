/** The state of a link, what happens to it, and what it asks its driver to do. */
import type { Frame } from '../../ports/transport.ts'
import type { LinkState } from '../../model/peer.ts'
import type { LinkTuning } from './tuning.ts'
import type { OutboundSession } from '../session/outbound-session.ts'
import type { Pid } from '../../model/pid.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { SessionRef, WireFrame } from '../wire/frames.ts'
import type { Settlement } from '../session/entries.ts'
import { EMPTY_LIST } from '../../base/list.ts'
import { RingQueue } from '../../base/ring-queue.ts'
import { SmallMap } from '../../base/small-map.ts'

/** A link. */
export interface Link {
  readonly cluster: string
  /** Who is expected to listen there. */
  readonly to: Pid
  readonly tuning: LinkTuning
  /** The sessions that it carries, by the pid of the local node. */
  readonly sessions: SmallMap<Pid, OutboundSession>
  phase: 'disconnected' | 'dialing' | 'handshake' | 'open'
  /** Something went wrong since the last WELCOME. */
  failedSinceOpen: boolean
  attempts: number
  redialAtMs: number
  /** When dialing or greeting has taken too long. */
  connectDeadlineMs: number
  /** What the last HELLO was said with. */
  nonce: number
  lastReceivedMs: number
  lastSentMs: number
  /** When the PING that has no answer yet was sent. */
  pingSentMs: number | undefined
  pingToken: number
  /** It asked for reports. */
  pingRequestsReports: boolean
  unresponsive: boolean
  /** Every session may stand otherwise than was last told. */
  allDirty: boolean
  /** These may. */
  dirty: OutboundSession[]
  /** Those who have joined since the last HELLO or JOIN. */
  pendingJoins: OutboundSession[]
  /** Those who have left since the last LEAVE. */
  pendingLeaves: SessionRef[]
  /** Those who want to write, in turn. */
  readonly readyQueue: SmallMap<OutboundSession, OutboundSession>
  /** The DATA frames that have not arrived yet, as far as we know. */
  readonly inFlight: RingQueue<InFlightFrame>
  /** When the next tick is due; Infinity for never. */
  nextTickMs: number
}

/** A DATA frame that was written. It has arrived when what it ends with has. */
export interface InFlightFrame {
  readonly session: OutboundSession
  /** If the session is in a later lap, it is not waited for. */
  readonly generation: number
  /** The number of the last entry. */
  readonly end: number
}

/** What happens to a link. */
export type LinkEvent =
  /** A local node joins; a flush must follow. */
  | { readonly type: 'add'; readonly session: OutboundSession }
  /** A local node leaves: for good, or only for another address. */
  | { readonly type: 'remove'; readonly session: OutboundSession; readonly migrates: boolean }
  | { readonly type: 'opened' }
  | { readonly type: 'closed'; readonly reason: string }
  | { readonly type: 'frame'; readonly frame: WireFrame }
  /** Something may be waiting in these sessions. */
  | { readonly type: 'flush'; readonly sessions: readonly OutboundSession[] }
  /** `wakeAtMs` has come, `lagMs` too late. */
  | { readonly type: 'tick'; readonly lagMs: number }

/** What a link wants to be done. */
export type LinkEffect =
  | { readonly type: 'dial' }
  | { readonly type: 'disconnect' }
  | { readonly type: 'send'; readonly frame: Frame }
  | { readonly type: 'settled'; readonly session: OutboundSession; readonly settlement: Settlement }
  | { readonly type: 'state'; readonly session: OutboundSession; readonly state: LinkState }
  | { readonly type: 'established'; readonly session: OutboundSession; readonly restarted: boolean }
  | {
      readonly type: 'refused'
      readonly session: OutboundSession
      readonly reason: RefusalReason
      readonly detail: string
    }
  | { readonly type: 'bad-frame'; readonly detail: string }

/** A link that has not dialed yet, and carries nobody. */
export function createLink(
  { cluster, to, tuning }: Pick<Link, 'cluster' | 'to' | 'tuning'>,
  nowMs: number,
): Link {
  // Named one by one: an object that begins with a spread takes ten times as long, and more memory.
  return {
    cluster,
    to,
    tuning,
    sessions: new SmallMap(),
    phase: 'disconnected',
    failedSinceOpen: false,
    attempts: 0,
    redialAtMs: nowMs,
    connectDeadlineMs: Infinity,
    nonce: 0,
    lastReceivedMs: nowMs,
    lastSentMs: nowMs,
    pingSentMs: undefined,
    pingToken: 0,
    pingRequestsReports: false,
    unresponsive: false,
    allDirty: false,
    dirty: EMPTY_LIST,
    pendingJoins: EMPTY_LIST,
    pendingLeaves: EMPTY_LIST,
    readyQueue: new SmallMap(),
    inFlight: new RingQueue(),
    nextTickMs: Infinity,
  }
}
