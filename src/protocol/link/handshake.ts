/** What a link says to get in, and how it hangs up. */
import type { SessionOffer } from '../wire/frames.ts'
import type { Link, LinkEffect } from './link-state.ts'
import type { StepContext } from '../step.ts'
import type { OutboundSession } from '../session/outbound-session.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { PROTOCOL_VERSION } from '../wire/frames.ts'
import { encodeFrame } from '../wire/encode-frame.ts'
import { backOffDelayMs } from '../../base/back-off.ts'
import { rewind } from '../session/settlement.ts'

/** Nonces are drawn from 1 up: 0 marks what nobody asked for. */
const NONCE_RANGE = 2 ** 30

/** Tells whether a session may ask to be let in by now. */
export function mayJoin(session: OutboundSession, nowMs: number): boolean {
  return session.status !== 'refused' || session.retryAtMs <= nowMs
}

/** Says HELLO for every session that may ask. */
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

/** Asks for further sessions on a connection that has said HELLO. */
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

/** Asks for those who have joined since the connection said HELLO. */
export function joinPending(link: Link, context: StepContext, effects: LinkEffect[]): void {
  if (link.pendingJoins.length === 0) return
  if (link.phase !== 'handshake' && link.phase !== 'open') return
  const joining = link.pendingJoins.filter(
    (session) => session.status === 'new' && link.sessions.get(session.localNode.pid) === session,
  )
  link.pendingJoins = EMPTY_LIST
  sendJoin(link, joining, context, effects)
}

/** Says LEAVE for those who have left: BEFORE anybody of the same pid joins again. */
export function sendLeave(link: Link, effects: LinkEffect[]): void {
  if (link.pendingLeaves.length === 0) return
  const frame = encodeFrame({ type: 'leave', ended: link.pendingLeaves })
  link.pendingLeaves = EMPTY_LIST
  effects.push({ type: 'send', frame: [frame] })
}

/** Dials. */
export function dial(link: Link, context: StepContext, effects: LinkEffect[]): void {
  link.phase = 'dialing'
  link.connectDeadlineMs = context.nowMs + link.tuning.connectTimeoutMs
  effects.push({ type: 'dial' })
}

/** Hangs up, and dials again later. */
export function disconnect(link: Link, context: StepContext, effects: LinkEffect[]): void {
  effects.push({ type: 'disconnect' })
  onDisconnected(link, context)
}

/** The connection is gone: every session waits for the next one. */
export function onDisconnected(link: Link, context: StepContext): void {
  const { backOffBaseMs, backOffMaxMs } = link.tuning
  const delayMs = backOffDelayMs(link.attempts++, backOffBaseMs, backOffMaxMs, 1, context.random())
  link.phase = 'disconnected'
  link.failedSinceOpen = true
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

/** A session is no longer welcome: nothing of it is under way any more. */
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
  // Asked once, it waits for its answer: a lost one is asked for again when the link is.
  session.retryAtMs = Infinity
}

function sessionOffer({ localNode, epoch, settled }: OutboundSession): SessionOffer {
  return { pid: localNode.pid, incarnation: localNode.incarnation, epoch, settled }
}
