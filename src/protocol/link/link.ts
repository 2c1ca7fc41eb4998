/**
 * A link: the caller's end of the connections to one address, and the sessions that it carries.
 *
 *     waiting ── dial ──► dialing ── opened, HELLO ──► greeting ── WELCOME or REFUSED ──► open
 *        ▲                   │                            │                                │
 *        └──── back-off ─────┴──────── closed, too late, refused as a whole, BYE ──────────┘
 *
 * A connection lives once. Sessions live on: what was not acknowledged is written again on the next
 * connection, from where WELCOME says the receiver stands.
 */
import type { LinkState } from '../../model/peer.ts'
import type { OutboundSession } from '../session/outbound-session.ts'
import type { Pid } from '../../model/pid.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { Settlement } from '../session/entries.ts'
import type { Frame, LinkTuning } from './tuning.ts'
import type { StepContext, Step } from '../step.ts'
import type { WireFrame } from '../wire/frames.ts'
import type { SessionRef } from '../wire/frames.ts'
import { joinPending, suspend, dial, sendHello, onDisconnected, sendLeave } from './handshake.ts'
import { RingQueue } from '../../base/ring-queue.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { SmallMap } from '../../base/small-map.ts'
import { onFrame } from './receive.ts'
import { flush, markReady } from './send.ts'
import { nextDeadlineMs, phaseDeadlineMs, earlierDeadlineMs, tick } from './timers.ts'

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

/** One step of a link: called once per frame, flush or tick, never per envelope. */
export const stepLink: Step<Link, LinkEvent, LinkEffect> = (link, event, context) => {
  const effects: LinkEffect[] = []
  applyEvent(link, event, context, effects)
  // Hundreds of sessions may be on one link: all of them are looked at only when that is needed.
  const checkAll = link.allDirty || event.type === 'tick'
  const changed = event.type === 'flush' ? event.sessions : link.dirty
  if (!checkAll)
    link.nextTickMs = Math.min(link.nextTickMs, earlierDeadlineMs(link, changed, context.nowMs))
  emitStates(link, effects)
  if (checkAll) link.nextTickMs = nextDeadlineMs(link)
  return [link, effects]
}

function emitStates(link: Link, effects: LinkEffect[]): void {
  if (link.allDirty) for (const session of link.sessions.values()) emitState(link, session, effects)
  else for (const session of link.dirty) emitState(link, session, effects)
  link.allDirty = false
  link.dirty = EMPTY_LIST
}

function emitState(link: Link, session: OutboundSession, effects: LinkEffect[]): void {
  const state = linkStateOf(link, session)
  if (state === session.reportedState) return
  session.reportedState = state
  effects.push({ type: 'state', session, state })
}

function applyEvent(
  link: Link,
  event: LinkEvent,
  context: StepContext,
  effects: LinkEffect[],
): void {
  switch (event.type) {
    case 'add':
      addSession(link, event.session, context, effects)
      return
    case 'remove':
      removeSession(link, event.session, event.migrates, context)
      return
    case 'opened':
      if (link.phase === 'dialing') sendHello(link, context, effects)
      return
    case 'closed':
      if (link.phase !== 'disconnected') onDisconnected(link, context)
      return
    case 'frame':
      if (link.phase === 'disconnected' || link.phase === 'dialing') return
      link.lastReceivedMs = context.nowMs
      if (link.unresponsive) link.allDirty = true
      link.unresponsive = false
      onFrame(link, event.frame, context, effects)
      flush(link, context, effects)
      return
    case 'flush':
      sendLeave(link, effects)
      joinPending(link, context, effects)
      for (const session of event.sessions) markReady(link, session)
      flush(link, context, effects)
      return
    case 'tick':
      tick(link, event.lagMs, context, effects)
      return
  }
}

/** The flush that follows asks for all who have joined in a row. */
function addSession(
  link: Link,
  session: OutboundSession,
  context: StepContext,
  effects: LinkEffect[],
): void {
  link.sessions.set(session.localNode.pid, session)
  session.status = 'new'
  // HELLO asks for everybody.
  if (helloSent(link)) link.pendingJoins = append(link.pendingJoins, session)
  link.dirty = append(link.dirty, session)
  if (link.phase === 'disconnected' && link.redialAtMs <= context.nowMs)
    dial(link, context, effects)
  link.nextTickMs = Math.min(link.nextTickMs, phaseDeadlineMs(link, session))
}

/** The flush that follows says LEAVE for all who have left in a row. */
function removeSession(
  link: Link,
  session: OutboundSession,
  migrates: boolean,
  context: StepContext,
): void {
  const { pid } = session.localNode
  if (link.sessions.get(pid) !== session) return
  link.sessions.delete(pid)
  link.readyQueue.delete(session)
  suspend(session, context.nowMs)
  if (migrates || !helloSent(link)) return
  link.pendingLeaves = append(link.pendingLeaves, { pid, epoch: session.epoch })
}

function helloSent({ phase }: Link): boolean {
  return phase === 'handshake' || phase === 'open'
}

function linkStateOf(link: Link, session: OutboundSession): LinkState {
  if (session.status === 'established' && link.phase === 'open')
    return link.unresponsive ? 'unresponsive' : 'up'
  return link.failedSinceOpen || session.refusalCount > 0 ? 'down' : 'connecting'
}
