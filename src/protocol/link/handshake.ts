/**
 * The handshake of a link: dials, sends HELLO, JOIN and LEAVE, and schedules the next dial after a
 * failure.
 */
import type { ProvenOffer, SessionOffer } from '../wire/frames.ts'
import type { Link, LinkEffect, LinkRecipient } from './link-state.ts'
import type { StepContext } from '../step.ts'
import type { OutboundSession } from '../session/outbound-session.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { FEATURES } from '../wire/features.ts'
import { PIDS_PER_FRAME_MAX, PROTOCOL_VERSION } from '../wire/frames.ts'
import { prove } from '../proof.ts'
import { encodeFrame } from '../wire/encode-frame.ts'
import { backOffDelayMs } from '../../base/back-off.ts'
import { rewind } from '../session/settlement.ts'

/** Nonces start at 1: in REFUSED, 0 means that the frame answers no HELLO or JOIN. */
const NONCE_RANGE = 2 ** 30

/** Returns whether a session may be offered to the receiver now. */
export function mayJoin(session: OutboundSession, nowMs: number): boolean {
  return session.status !== 'refused' || session.retryAtMs <= nowMs
}

/**
 * Sends HELLO with an offer for each session that may join. Nodes with keys offer their sessions in
 * PROOF instead, once CHALLENGE has arrived.
 */
export function sendHello(link: Link, context: StepContext, effects: LinkEffect[]): void {
  sendLeave(link, effects)
  link.phase = 'handshake'
  link.connectDeadlineMs = context.nowMs + link.tuning.connectTimeoutMs
  link.lastReceivedMs = context.nowMs
  link.pingSentMs = undefined
  link.unresponsive = false
  link.nonce = randomNonce(context)
  link.recipient = undefined
  const joining = link.keyed ? EMPTY_LIST : joinable(link, context.nowMs)
  const offered = joining.slice(0, PIDS_PER_FRAME_MAX)
  const frame = {
    type: 'hello',
    version: PROTOCOL_VERSION,
    nonce: link.nonce,
    cluster: link.cluster,
    to: link.to,
    features: FEATURES,
    endpoint: link.ownEndpoint,
    keyed: link.keyed,
    offers: offered.map(sessionOffer),
  } as const
  effects.push({ type: 'send', frame: [encodeFrame(frame)] })
  for (const session of offered) markRequested(session, link.nonce, context.nowMs)
  sendJoin(link, joining.slice(PIDS_PER_FRAME_MAX), context, effects)
  link.pendingJoins = EMPTY_LIST
  link.allDirty = true
}

/** Answers CHALLENGE: offers each session that may join, with its proof. */
export function sendProofs(
  link: Link,
  recipient: LinkRecipient,
  context: StepContext,
  effects: LinkEffect[],
): void {
  link.recipient = recipient
  link.pendingJoins = EMPTY_LIST
  const joining = joinable(link, context.nowMs)
  // Without offers, too: WELCOME confirms that the connection works.
  const offered = joining.slice(0, PIDS_PER_FRAME_MAX)
  sendOffers(link, offered, link.nonce, context, effects)
  sendJoin(link, joining.slice(PIDS_PER_FRAME_MAX), context, effects)
}

function joinable(link: Link, nowMs: number): OutboundSession[] {
  let joining: OutboundSession[] = EMPTY_LIST
  for (const session of link.sessions.values()) {
    if (mayJoin(session, nowMs)) joining = append(joining, session)
  }
  return joining
}

/**
 * Sends JOIN, or PROOF, with an offer for each of `sessions`; HELLO was sent before. Before
 * CHALLENGE it sends nothing, since the answer to that offers every session.
 */
export function sendJoin(
  link: Link,
  sessions: readonly OutboundSession[],
  context: StepContext,
  effects: LinkEffect[],
): void {
  if (link.keyed && link.recipient === undefined) return
  for (let from = 0; from < sessions.length; from += PIDS_PER_FRAME_MAX) {
    const chunk = sessions.slice(from, from + PIDS_PER_FRAME_MAX)
    sendOffers(link, chunk, randomNonce(context), context, effects)
  }
}

function sendOffers(
  link: Link,
  sessions: readonly OutboundSession[],
  nonce: number,
  context: StepContext,
  effects: LinkEffect[],
): void {
  sendLeave(link, effects)
  const { recipient } = link
  const frame =
    recipient === undefined
      ? ({ type: 'join', nonce, offers: sessions.map(sessionOffer) } as const)
      : ({ type: 'proof', nonce, offers: provenOffers(sessions, recipient) } as const)
  effects.push({ type: 'send', frame: [encodeFrame(frame)] })
  for (const session of sessions) {
    markRequested(session, nonce, context.nowMs)
    link.dirty = append(link.dirty, session)
  }
}

function provenOffers(
  sessions: readonly OutboundSession[],
  recipient: LinkRecipient,
): ProvenOffer[] {
  const offers: ProvenOffer[] = []
  for (const session of sessions) {
    const { keys } = session.localNode
    if (keys === undefined) continue
    offers.push(prove(keys, sessionOffer(session), recipient.publicKey, recipient))
  }
  return offers
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
  const ended = link.pendingLeaves
  link.pendingLeaves = EMPTY_LIST
  for (let from = 0; from < ended.length; from += PIDS_PER_FRAME_MAX) {
    const chunk = ended.slice(from, from + PIDS_PER_FRAME_MAX)
    effects.push({ type: 'send', frame: [encodeFrame({ type: 'leave', ended: chunk })] })
  }
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
  session.gapRewinds = 0
  session.disconnectedSinceMs ??= nowMs
}

/** Returns a number that a peer cannot predict, from 1 on. */
export function randomNonce(context: StepContext): number {
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
