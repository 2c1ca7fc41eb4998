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
import type { LinkState } from '../model/peer.ts'
import type { Outbound } from './outbound.ts'
import type { Pid } from '../model/pid.ts'
import type { RefusalReason } from '../model/node-event.ts'
import type { Settlement } from './entries.ts'
import type { Frame, LinkTuning } from './link-tuning.ts'
import type { Moment, Step } from './step.ts'
import type { WireFrame } from './wire/frames.ts'
import type { Leaving } from './wire/frames.ts'
import { askForNew, away, dial, hello, hungUp, sayLeave } from './link-dialogue.ts'
import { Queue } from './queue.ts'
import { EMPTY_ROW, appended } from './row.ts'
import { SmallMap } from './small-map.ts'
import { hear } from './link-frames.ts'
import { flush, lineUp } from './link-writer.ts'
import { nextWakeMs, phaseWakeMs, soonerWakeMs, tick } from './link-clock.ts'

/** A link. */
export interface Link {
  readonly cluster: string
  /** Who is expected to listen there. */
  readonly to: Pid
  readonly tuning: LinkTuning
  /** The sessions that it carries, by the pid of the local node. */
  readonly sessions: SmallMap<Pid, Outbound>
  phase: 'waiting' | 'dialing' | 'greeting' | 'open'
  /** Something went wrong since the last WELCOME. */
  failed: boolean
  attempts: number
  redialAtMs: number
  /** When dialing or greeting has taken too long. */
  deadlineMs: number
  /** What the last HELLO was said with. */
  nonce: number
  heardAtMs: number
  wroteAtMs: number
  /** When the PING that has no answer yet was sent. */
  pingAtMs: number | undefined
  pingToken: number
  /** It asked for reports. */
  pingReports: boolean
  busy: boolean
  /** Every session may stand otherwise than was last told. */
  stirred: boolean
  /** These may. */
  moved: Outbound[]
  /** Those who have joined since the last HELLO or JOIN. */
  newcomers: Outbound[]
  /** Those who have left since the last LEAVE. */
  leaving: Leaving[]
  /** Those who want to write, in turn. */
  readonly line: SmallMap<Outbound, Outbound>
  /** The DATA frames that have not arrived yet, as far as we know. */
  readonly underWay: Queue<FrameUnderWay>
  /** When the next tick is due; Infinity for never. */
  wakeAtMs: number
}

/** A DATA frame that was written. It has arrived when what it ends with has. */
export interface FrameUnderWay {
  readonly session: Outbound
  /** If the session is in a later lap, it is not waited for. */
  readonly lap: number
  /** The number of the last entry. */
  readonly end: number
}

/** What happens to a link. */
export type LinkEvent =
  /** A local node joins; a flush must follow. */
  | { readonly type: 'add'; readonly session: Outbound }
  /** A local node leaves: for good, or only for another address. */
  | { readonly type: 'remove'; readonly session: Outbound; readonly moves: boolean }
  | { readonly type: 'opened' }
  | { readonly type: 'closed'; readonly reason: string }
  | { readonly type: 'frame'; readonly frame: WireFrame }
  /** Something may be waiting in these sessions. */
  | { readonly type: 'flush'; readonly sessions: readonly Outbound[] }
  /** `wakeAtMs` has come, `lagMs` too late. */
  | { readonly type: 'tick'; readonly lagMs: number }

/** What a link wants to be done. */
export type LinkEffect =
  | { readonly type: 'dial' }
  | { readonly type: 'hang-up' }
  | { readonly type: 'send'; readonly frame: Frame }
  | { readonly type: 'settled'; readonly session: Outbound; readonly settlement: Settlement }
  | { readonly type: 'state'; readonly session: Outbound; readonly state: LinkState }
  | { readonly type: 'welcomed'; readonly session: Outbound; readonly restarted: boolean }
  | {
      readonly type: 'refused'
      readonly session: Outbound
      readonly reason: RefusalReason
      readonly detail: string
    }
  | { readonly type: 'bad-frame'; readonly detail: string }

/** A link that has not dialed yet, and carries nobody. */
export function openLink(
  { cluster, to, tuning }: Pick<Link, 'cluster' | 'to' | 'tuning'>,
  nowMs: number,
): Link {
  // Named one by one: an object that begins with a spread takes ten times as long, and more memory.
  return {
    cluster,
    to,
    tuning,
    sessions: new SmallMap(),
    phase: 'waiting',
    failed: false,
    attempts: 0,
    redialAtMs: nowMs,
    deadlineMs: Infinity,
    nonce: 0,
    heardAtMs: nowMs,
    wroteAtMs: nowMs,
    pingAtMs: undefined,
    pingToken: 0,
    pingReports: false,
    busy: false,
    stirred: false,
    moved: EMPTY_ROW,
    newcomers: EMPTY_ROW,
    leaving: EMPTY_ROW,
    line: new SmallMap(),
    underWay: new Queue(),
    wakeAtMs: Infinity,
  }
}

/** One step of a link: called once per frame, flush or tick, never per envelope. */
export const stepLink: Step<Link, LinkEvent, LinkEffect> = (link, event, at) => {
  const effects: LinkEffect[] = []
  perform(link, event, at, effects)
  // Hundreds of sessions may be on one link: all of them are looked at only when that is needed.
  const all = link.stirred || event.type === 'tick'
  const some = event.type === 'flush' ? event.sessions : link.moved
  if (!all) link.wakeAtMs = Math.min(link.wakeAtMs, soonerWakeMs(link, some, at.nowMs))
  tellStates(link, effects)
  if (all) link.wakeAtMs = nextWakeMs(link)
  return [link, effects]
}

function tellStates(link: Link, effects: LinkEffect[]): void {
  if (link.stirred) for (const session of link.sessions.values()) tellState(link, session, effects)
  else for (const session of link.moved) tellState(link, session, effects)
  link.stirred = false
  link.moved = EMPTY_ROW
}

function tellState(link: Link, session: Outbound, effects: LinkEffect[]): void {
  const state = stateOf(link, session)
  if (state === session.state) return
  session.state = state
  effects.push({ type: 'state', session, state })
}

function perform(link: Link, event: LinkEvent, at: Moment, effects: LinkEffect[]): void {
  switch (event.type) {
    case 'add':
      add(link, event.session, at, effects)
      return
    case 'remove':
      remove(link, event.session, event.moves, at)
      return
    case 'opened':
      if (link.phase === 'dialing') hello(link, at, effects)
      return
    case 'closed':
      if (link.phase !== 'waiting') hungUp(link, at)
      return
    case 'frame':
      if (link.phase === 'waiting' || link.phase === 'dialing') return
      link.heardAtMs = at.nowMs
      if (link.busy) link.stirred = true
      link.busy = false
      hear(link, event.frame, at, effects)
      flush(link, at, effects)
      return
    case 'flush':
      sayLeave(link, effects)
      askForNew(link, at, effects)
      for (const session of event.sessions) lineUp(link, session)
      flush(link, at, effects)
      return
    case 'tick':
      tick(link, event.lagMs, at, effects)
      return
  }
}

/** The flush that follows asks for all who have joined in a row. */
function add(link: Link, session: Outbound, at: Moment, effects: LinkEffect[]): void {
  link.sessions.set(session.sender.pid, session)
  session.standing = 'new'
  // HELLO asks for everybody.
  if (hasSaidHello(link)) link.newcomers = appended(link.newcomers, session)
  link.moved = appended(link.moved, session)
  if (link.phase === 'waiting' && link.redialAtMs <= at.nowMs) dial(link, at, effects)
  link.wakeAtMs = Math.min(link.wakeAtMs, phaseWakeMs(link, session))
}

/** The flush that follows says LEAVE for all who have left in a row. */
function remove(link: Link, session: Outbound, moves: boolean, at: Moment): void {
  const { pid } = session.sender
  if (link.sessions.get(pid) !== session) return
  link.sessions.delete(pid)
  link.line.delete(session)
  away(session, at.nowMs)
  if (moves || !hasSaidHello(link)) return
  link.leaving = appended(link.leaving, { pid, epoch: session.epoch })
}

function hasSaidHello({ phase }: Link): boolean {
  return phase === 'greeting' || phase === 'open'
}

function stateOf(link: Link, session: Outbound): LinkState {
  if (session.standing === 'welcome' && link.phase === 'open') return link.busy ? 'busy' : 'up'
  return link.failed || session.refusals > 0 ? 'down' : 'connecting'
}
