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
import { askForNew, away, dial, hello, hungUp } from './link-dialogue.ts'
import { hear } from './link-frames.ts'
import { flush } from './link-writer.ts'
import { nextWakeMs, phaseWakeMs, tick } from './link-clock.ts'
import { encodeFrame } from './wire/encode-frame.ts'

/** A link. */
export interface Link {
  readonly cluster: string
  /** Who is expected to listen there. */
  readonly to: Pid
  readonly tuning: LinkTuning
  /** The sessions that it carries, by the pid of the local node. */
  readonly sessions: Map<Pid, Outbound>
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
  busy: boolean
  /** Some session may stand otherwise than was last told. */
  stirred: boolean
  /** Whose turn it is to write. */
  turn: number
  /** When the next tick is due; Infinity for never. */
  wakeAtMs: number
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
  /** Something may be waiting. */
  | { readonly type: 'flush' }
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
export function openLink(names: Pick<Link, 'cluster' | 'to' | 'tuning'>, nowMs: number): Link {
  return {
    ...names,
    sessions: new Map(),
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
    busy: false,
    stirred: false,
    turn: 0,
    wakeAtMs: Infinity,
  }
}

/** One step of a link: called once per frame, flush or tick, never per envelope. */
export const stepLink: Step<Link, LinkEvent, LinkEffect> = (link, event, at) => {
  const effects: LinkEffect[] = []
  if (event.type === 'add') {
    // Hundreds of nodes may join one link in a row: the flush that follows looks at them all at
    // once.
    add(link, event.session, at, effects)
    return [link, effects]
  }
  perform(link, event, at, effects)
  // One less cannot want to be looked at any sooner.
  if (event.type === 'remove') return [link, effects]
  if (event.type === 'frame' && !link.stirred) {
    // Most frames are acknowledgements and change nobody's standing: whether one of hundreds of
    // sessions wants to be looked at is left to the tick, which comes soon enough.
    link.wakeAtMs = Math.min(link.wakeAtMs, at.nowMs + link.tuning.probeAfterMs)
    return [link, effects]
  }
  tellStates(link, effects)
  link.wakeAtMs = nextWakeMs(link)
  return [link, effects]
}

function tellStates(link: Link, effects: LinkEffect[]): void {
  if (!link.stirred) return
  link.stirred = false
  for (const session of link.sessions.values()) {
    const state = stateOf(link, session)
    if (state === session.state) continue
    session.state = state
    effects.push({ type: 'state', session, state })
  }
}

function add(link: Link, session: Outbound, at: Moment, effects: LinkEffect[]): void {
  link.sessions.set(session.from, session)
  session.standing = 'new'
  if (link.phase === 'waiting' && link.redialAtMs <= at.nowMs) dial(link, at, effects)
  link.wakeAtMs = Math.min(link.wakeAtMs, phaseWakeMs(link, session))
  const state = stateOf(link, session)
  if (state === session.state) return
  session.state = state
  effects.push({ type: 'state', session, state })
}

function perform(
  link: Link,
  event: Exclude<LinkEvent, { readonly type: 'add' }>,
  at: Moment,
  effects: LinkEffect[],
): void {
  switch (event.type) {
    case 'remove': {
      const { from, epoch } = event.session
      if (!link.sessions.delete(from)) return
      away(event.session, at.nowMs)
      if (event.moves || link.phase === 'waiting' || link.phase === 'dialing') return
      effects.push({ type: 'send', frame: [encodeFrame({ type: 'leave', pid: from, epoch })] })
      return
    }
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
      askForNew(link, at, effects)
      flush(link, at, effects)
      return
    case 'tick':
      tick(link, event.lagMs, at, effects)
      return
  }
}

function stateOf(link: Link, session: Outbound): LinkState {
  if (session.standing === 'welcome' && link.phase === 'open') return link.busy ? 'busy' : 'up'
  return link.failed || session.standing === 'refused' ? 'down' : 'connecting'
}
