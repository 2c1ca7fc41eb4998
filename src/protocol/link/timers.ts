/** The deadlines of a link: redial, handshake, PING, retry of refused sessions, expiry. */
import type { Link, LinkEffect } from './link-state.ts'
import type { StepContext } from '../step.ts'
import { type OutboundSession, expire } from '../session/outbound-session.ts'
import { sendJoin, joinPending, suspend, disconnect, dial, mayJoin } from './handshake.ts'
import { randomNonce } from './handshake.ts'
import { countFramesOnWire, flush, markReady } from './send.ts'
import { failUnacked, resetSequence } from '../session/settlement.ts'
import { NOTHING_DELIVERED } from '../session/entries.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { encodeFrame } from '../wire/encode-frame.ts'

/** Performs everything that is due. */
export function tick(link: Link, lagMs: number, context: StepContext, effects: LinkEffect[]): void {
  if (lagMs >= link.tuning.lagMinMs) extendDeadlines(link, lagMs)
  for (const session of link.sessions.values()) expireSession(link, session, context, effects)
  switch (link.phase) {
    case 'disconnected':
      if (
        link.sessions.size > 0 &&
        link.redialAtMs <= context.nowMs &&
        anyMayJoin(link, context.nowMs)
      ) {
        dial(link, context, effects)
      }
      return
    case 'dialing':
    case 'handshake':
      if (link.connectDeadlineMs > context.nowMs) return
      disconnect(link, connectFailure(link), context, effects)
      return
    case 'open':
      joinPending(link, context, effects)
      rejoinRefused(link, context, effects)
      probePeer(link, context, effects)
      flush(link, context, effects)
  }
}

function connectFailure({ phase, tuning }: Link): string {
  const timeout = `within ${tuning.connectTimeoutMs / 1_000} s`
  return phase === 'dialing' ? `no connection ${timeout}` : `no answer to HELLO ${timeout}`
}

function rejoinRefused(link: Link, context: StepContext, effects: LinkEffect[]): void {
  let joining: OutboundSession[] = EMPTY_LIST
  for (const session of link.sessions.values()) {
    if (isRetryDue(session, context.nowMs)) joining = append(joining, session)
  }
  sendJoin(link, joining, context, effects)
}

/** Returns when the next tick is due, from all sessions. */
export function nextDeadlineMs(link: Link): number {
  let deadlineMs = link.phase === 'open' ? nextProbeMs(link) : Infinity
  for (const session of link.sessions.values()) {
    if (link.phase !== 'open') deadlineMs = Math.min(deadlineMs, phaseDeadlineMs(link, session))
    deadlineMs = Math.min(deadlineMs, sessionDeadlineMs(session))
    if (link.phase === 'open' && session.status === 'refused') {
      deadlineMs = Math.min(deadlineMs, session.retryAtMs)
    }
  }
  return deadlineMs
}

/**
 * Returns when the next tick is due for `sessions`, the only ones that have changed. The probe of a
 * link that starts to await progress may be up to `probeTimeoutMs` late.
 */
export function earlierDeadlineMs(
  link: Link,
  sessions: readonly OutboundSession[],
  nowMs: number,
): number {
  const isOpen = link.phase === 'open'
  let deadlineMs = isOpen ? nowMs + link.tuning.probeTimeoutMs : Infinity
  for (const session of sessions) {
    deadlineMs = Math.min(deadlineMs, sessionDeadlineMs(session))
    if (isOpen && session.status === 'refused') deadlineMs = Math.min(deadlineMs, session.retryAtMs)
  }
  return deadlineMs
}

/** Returns when an entry of the session expires, or its unacked entries time out. */
function sessionDeadlineMs(session: OutboundSession): number {
  const { buffer, nextExpiryMs, disconnectedSinceMs, stalledSinceMs, localNode } = session
  const expiryMs = buffer.queued > 0 ? nextExpiryMs : Infinity
  if (buffer.unacked === 0) return expiryMs
  return Math.min(
    expiryMs,
    (disconnectedSinceMs ?? stalledSinceMs) + localNode.limits.peerTimeoutMs,
  )
}

/** Returns when the phase of the link has a deadline; while disconnected, for one session. */
export function phaseDeadlineMs(link: Link, session: OutboundSession): number {
  switch (link.phase) {
    case 'disconnected':
      return Math.max(link.redialAtMs, session.status === 'refused' ? session.retryAtMs : 0)
    case 'dialing':
    case 'handshake':
      return link.connectDeadlineMs
    case 'open':
      return nextProbeMs(link)
  }
}

function nextProbeMs(link: Link): number {
  const { idlePingMs, probeTimeoutMs, pongTimeoutMs } = link.tuning
  if (link.pingSentMs !== undefined) return link.pingSentMs + pongTimeoutMs
  if (!awaitsProgress(link)) return link.lastReceivedMs + idlePingMs
  return Math.max(link.lastReceivedMs, link.lastSentMs) + probeTimeoutMs
}

/**
 * Returns whether frames are on the wire, or entries or sessions wait for the receiver. Without a
 * probe, one lost frame would let them wait for ever.
 */
function awaitsProgress(link: Link): boolean {
  if (countFramesOnWire(link) > 0) return true
  for (const { status, buffer } of link.sessions.values()) {
    if (status === 'requested' || (status === 'established' && buffer.queued > 0)) return true
  }
  return false
}

/** Returns whether a session needs reports: it is requested, or has entries. */
function hasUnsettled(link: Link): boolean {
  for (const { status, buffer } of link.sessions.values()) {
    if (status === 'requested' || buffer.length > 0) return true
  }
  return false
}

function probePeer(link: Link, context: StepContext, effects: LinkEffect[]): void {
  if (nextProbeMs(link) > context.nowMs) return
  if (link.lastReceivedMs + link.tuning.unresponsiveMaxMs <= context.nowMs) {
    const silenceS = link.tuning.unresponsiveMaxMs / 1_000
    disconnect(link, `nothing was received for ${silenceS} s`, context, effects)
    return
  }
  if (link.pingSentMs !== undefined && !link.unresponsive) {
    link.unresponsive = true
    link.allDirty = true
  }
  sendPing(link, context, effects)
}

/** Sends PING: its PONG means that everything before it was handled, or is lost. */
export function sendPing(link: Link, context: StepContext, effects: LinkEffect[]): void {
  link.pingSentMs = context.nowMs
  link.pingCount++
  // Random: a PONG to a PING that was not read proves nothing.
  link.pingToken = randomNonce(context)
  // Do not request the reports of hundreds of idle sessions each time.
  link.pingRequestsReports = hasUnsettled(link) || link.pingCount % link.tuning.reportEvery === 0
  for (const session of link.sessions.values()) {
    session.sentBeforePing = session.settled + session.written
    session.reportedSincePing = false
  }
  const { pingToken: token, pingRequestsReports: requestsReports } = link
  effects.push({ type: 'send', frame: [encodeFrame({ type: 'ping', token, requestsReports })] })
}

/** Frames that arrived during the lag are still unread: extend every deadline by it. */
function extendDeadlines(link: Link, lagMs: number): void {
  const extensionMs = lagMs + link.tuning.probeTimeoutMs
  link.connectDeadlineMs += extensionMs
  link.lastReceivedMs += lagMs
  if (link.pingSentMs !== undefined) link.pingSentMs += extensionMs
  for (const session of link.sessions.values()) session.stalledSinceMs += lagMs
}

/** Fails queued entries that expired, and unacked entries after `peerTimeoutMs`. */
function expireSession(
  link: Link,
  session: OutboundSession,
  context: StepContext,
  effects: LinkEffect[],
): void {
  let dead = expire(session, context.nowMs)
  const { disconnectedSinceMs, localNode } = session
  // An unresponsive link has its own timeout; do not count it as a stall, too.
  if (link.unresponsive) session.stalledSinceMs = context.nowMs
  // A receiver that answers and grants credit, but settles nothing, times out as well.
  const noProgressSinceMs = disconnectedSinceMs ?? session.stalledSinceMs
  const timedOut = noProgressSinceMs + localNode.limits.peerTimeoutMs <= context.nowMs
  if (timedOut && session.buffer.unacked > 0) {
    dead = dead.concat(failUnacked(session, 'peer-timeout'))
    resetSequence(session, undefined)
    if (disconnectedSinceMs === undefined) rejoinAsNew(link, session, context)
  }
  if (dead.length > 0) {
    effects.push({ type: 'settled', session, settlement: { ...NOTHING_DELIVERED, dead } })
    // The next queued entry may be smaller, and fit the window.
    markReady(link, session)
  }
}

/** Offers an established session again, after its entries failed and it has a new epoch. */
function rejoinAsNew(link: Link, session: OutboundSession, context: StepContext): void {
  suspend(session, context.nowMs)
  session.status = 'new'
  link.pendingJoins = append(link.pendingJoins, session)
  link.dirty = append(link.dirty, session)
}

function anyMayJoin(link: Link, nowMs: number): boolean {
  for (const session of link.sessions.values()) if (mayJoin(session, nowMs)) return true
  return false
}

function isRetryDue(session: OutboundSession, nowMs: number): boolean {
  return session.status === 'refused' && session.retryAtMs <= nowMs
}
