/**
 * The handshake of a link: dials, sends HELLO, JOIN and LEAVE, and schedules the next dial after a
 * failure.
 */
import type { SessionOffer } from '../wire/frames.ts'
import type { Link, LinkEffect } from './link-state.ts'
import type { StepContext } from '../step.ts'
import type { OutboundSession } from '../session/outbound-session.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { PROTOCOL_VERSION } from '../wire/frames.ts'
import { encodeFrame } from '../wire/encode-frame.ts'
import { backOffDelayMs } from '../../base/back-off.ts'
import { rewind } from '../session/settlement.ts'

/** Nonces start at 1: in REFUSED, 0 means that the frame answers no HELLO or JOIN. */
const NONCE_RANGE = 2 ** 30

/** Returns whether a session may be offered to the receiver now. */
export function mayJoin(session: OutboundSession, nowMs: number): boolean {
  return session.status !== 'refused' || session.retryAtMs <= nowMs
}

/** Sends HELLO with an offer for each session that may join. */
export function sendHello(link: Link, context: StepContext, effects: LinkEffect[]): void {
  sendLeave(link, effects)
  link.phase = 'handshake'
  link.connectDeadlineMs = context.nowMs + link.tuning.connectTimeoutMs
  link.lastReceivedMs = context.nowMs
  link.pingSentMs = undefined
  link.unresponsive = false
  link.nonce = randomNonce(context)
  let joining: OutboundSession[] = EMPTY_LIST
  for (const session of link.sessions.values()) {
    if (mayJoin(session, context.nowMs)) joining = append(joining, session)
  }
  const frame = {
    type: 'hello',
    version: PROTOCOL_VERSION,
    nonce: link.nonce,
    cluster: link.cluster,
    to: link.to,
    features: 0,
    offers: joining.map(sessionOffer),
  } as const
  effects.push({ type: 'send', frame: [encodeFrame(frame)] })
  for (const session of joining) markRequested(session, link.nonce, context.nowMs)
  link.pendingJoins = EMPTY_LIST
  link.allDirty = true
}

/** Sends JOIN with an offer for each of `sessions`; HELLO was sent before. */
export function sendJoin(
  link: Link,
  sessions: readonly OutboundSession[],
  context: StepContext,
  effects: LinkEffect[],
): void {
  if (sessions.length === 0) return
  sendLeave(link, effects)
  const nonce = randomNonce(context)
  const frame = { type: 'join', nonce, offers: sessions.map(sessionOffer) } as const
  effects.push({ type: 'send', frame: [encodeFrame(frame)] })
  for (const session of sessions) {
    markRequested(session, nonce, context.nowMs)
    link.dirty = append(link.dirty, session)
  }
}

/** Sends JOIN for the sessions that were added since HELLO. */
export function joinPending(link: Link, context: StepContext, effects: LinkEffect[]): void {
  if (link.pendingJoins.length === 0) return
  if (link.phase !== 'handshake' && link.phase !== 'open') return
  const joining = link.pendingJoins.filter(
    (session) => session.status === 'new' && link.sessions.get(session.localNode.pid) === session,
  )
  link.pendingJoins = EMPTY_LIST
  sendJoin(link, joining, context, effects)
}

/** Sends LEAVE for the ended sessions. It must precede a JOIN of the same pid. */
export function sendLeave(link: Link, effects: LinkEffect[]): void {
  if (link.pendingLeaves.length === 0) return
  const frame = encodeFrame({ type: 'leave', ended: link.pendingLeaves })
  link.pendingLeaves = EMPTY_LIST
  effects.push({ type: 'send', frame: [frame] })
}

/** Starts a connection. */
export function dial(link: Link, context: StepContext, effects: LinkEffect[]): void {
  link.phase = 'dialing'
  link.connectDeadlineMs = context.nowMs + link.tuning.connectTimeoutMs
  effects.push({ type: 'dial' })
}

/** Closes the connection, and schedules the next dial. */
export function disconnect(
  link: Link,
  failure: string | undefined,
  context: StepContext,
  effects: LinkEffect[],
): void {
  effects.push({ type: 'disconnect' })
  onDisconnected(link, failure, context)
}

/**
 * Schedules the next dial, and suspends every session until then.
 *
 * @param failure why the connection ended; undefined where every session has a refusal
 */
export function onDisconnected(
  link: Link,
  failure: string | undefined,
  context: StepContext,
): void {
  const { backOffBaseMs, backOffMaxMs } = link.tuning
  const delayMs = backOffDelayMs(link.attempts++, backOffBaseMs, backOffMaxMs, 1, context.random())
  link.phase = 'disconnected'
  link.failedSinceOpen = true
  link.failure = failure
  link.allDirty = true
  link.redialAtMs = context.nowMs + delayMs
  link.pingSentMs = undefined
  link.unresponsive = false
  link.pendingJoins = EMPTY_LIST
  link.pendingLeaves = EMPTY_LIST
  for (const session of link.sessions.values()) {
    suspend(session, context.nowMs)
    if (session.status !== 'refused') session.status = 'new'
  }
}

/** Ends the transmission of a session until it is established again. */
export function suspend(session: OutboundSession, nowMs: number): void {
  rewind(session)
  session.disconnectedSinceMs ??= nowMs
}

function randomNonce(context: StepContext): number {
  return 1 + Math.floor(context.random() * NONCE_RANGE)
}

function markRequested(session: OutboundSession, nonce: number, nowMs: number): void {
  session.status = 'requested'
  session.disconnectedSinceMs ??= nowMs
  session.nonce = nonce
  // A lost offer is repeated by onPong or on the next connection, not by a timer of the session.
  session.retryAtMs = Infinity
}

function sessionOffer({ localNode, epoch, settled }: OutboundSession): SessionOffer {
  return { pid: localNode.pid, incarnation: localNode.incarnation, epoch, settled }
}
