/**
 * The step of a link: connects, offers sessions, sends their entries and applies reports.
 *
 *     disconnected ── dial ──► dialing ── opened, HELLO ──► handshake ── WELCOME, REFUSED ──► open
 *          ▲                      │                             │                              │
 *          └────── back-off ──────┴───── closed, timeout, refused as a whole, BYE ─────────────┘
 *
 * Sessions outlive connections: unacknowledged entries are written again on the next connection,
 * from the position that WELCOME states.
 */
import type { Link, LinkEffect, LinkEvent } from './link-state.ts'
import type { LinkState } from '../../model/peer.ts'
import type { OutboundSession } from '../session/outbound-session.ts'
import type { Step, StepContext } from '../step.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { dial, joinPending, onDisconnected, sendHello, sendLeave, suspend } from './handshake.ts'
import { earlierDeadlineMs, nextDeadlineMs, phaseDeadlineMs, tick } from './timers.ts'
import { flush, markReady } from './send.ts'
import { onAnswer } from './answers.ts'

/** Applies one event to a link: called once per frame, flush or tick, never per envelope. */
export const stepLink: Step<Link, LinkEvent, LinkEffect> = (link, event, context) => {
  const effects: LinkEffect[] = []
  applyEvent(link, event, context, effects)
  // A link may carry hundreds of sessions: check all of them only if all may have changed.
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
  const reason = reasonOf(link, session, state)
  if (state === session.reportedState && reason === session.reportedReason) return
  session.reportedState = state
  session.reportedReason = reason
  effects.push({ type: 'state', session, state, reason })
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
      if (link.phase !== 'disconnected') onDisconnected(link, event.reason, context)
      return
    case 'frame':
      if (link.phase === 'disconnected' || link.phase === 'dialing') return
      link.lastReceivedMs = context.nowMs
      if (link.unresponsive) link.allDirty = true
      link.unresponsive = false
      onAnswer(link, event.frame, context, effects)
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

function addSession(
  link: Link,
  session: OutboundSession,
  context: StepContext,
  effects: LinkEffect[],
): void {
  link.sessions.set(session.localNode.pid, session)
  session.status = 'new'
  // Before HELLO nothing is pending, because HELLO offers every session.
  if (helloSent(link)) link.pendingJoins = append(link.pendingJoins, session)
  link.dirty = append(link.dirty, session)
  if (link.phase === 'disconnected' && link.redialAtMs <= context.nowMs)
    dial(link, context, effects)
  link.nextTickMs = Math.min(link.nextTickMs, phaseDeadlineMs(link, session))
}

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

/** Returns why a link is in this state: the same text for the same cause, at every attempt. */
function reasonOf(link: Link, session: OutboundSession, state: LinkState): string | undefined {
  if (state === 'unresponsive') return `no PONG within ${link.tuning.pongTimeoutMs / 1_000} s`
  if (state !== 'down') return undefined
  if (link.failure !== undefined) return link.failure
  const { lastRefusal } = session
  return lastRefusal === undefined ? undefined : `${lastRefusal.reason}: ${lastRefusal.detail}`
}
