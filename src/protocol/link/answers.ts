/** Applies the frames of a listener: CHALLENGE, WELCOME, REFUSED, ACK, PONG and BYE. */
import type {
  AckFrame,
  ByeFrame,
  ChallengeFrame,
  FinalPosition,
  RefusedFrame,
  SessionReport,
  WelcomeFrame,
  WireFrame,
} from '../wire/frames.ts'
import type { Link, LinkEffect } from './link-state.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { StepContext } from '../step.ts'
import type { OutboundSession } from '../session/outbound-session.ts'
import { sendJoin, sendProofs, suspend, disconnect, sendHello } from './handshake.ts'
import { failUnacked, failRejected, requeue, requeueInDoubt } from '../session/settlement.ts'
import { resetSequence, rewind, applyReport } from '../session/settlement.ts'
import { FEATURES } from '../wire/features.ts'
import { isEqual } from '../proof.ts'
import { NOTHING_DELIVERED } from '../session/entries.ts'
import { dropForOthers, dropUnacceptable } from '../session/outbound-session.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { markReady } from './send.ts'
import { sendPing } from './timers.ts'
import { backOffDelayMs } from '../../base/back-off.ts'

/** A REFUSED frame that ends a session, unlike `hello-required`. */
type Refusal = RefusedFrame & { readonly reason: RefusalReason }

/** Applies one frame of the receiver to the link and its sessions. */
export function onAnswer(
  link: Link,
  frame: WireFrame,
  context: StepContext,
  effects: LinkEffect[],
): void {
  switch (frame.type) {
    case 'challenge':
      onChallenge(link, frame, context, effects)
      return
    case 'welcome':
      onWelcome(link, frame, context, effects)
      return
    case 'refused':
      onRefused(link, frame, context, effects)
      return
    case 'ack':
      onAck(link, frame, context, effects)
      return
    case 'pong':
      if (frame.token === link.pingToken && link.pingSentMs !== undefined)
        onPong(link, context, effects)
      return
    case 'bye':
      onBye(link, frame, context, effects)
      return
    default:
      effects.push({ type: 'bad-frame', detail: `unexpected ${frame.type} from a receiver` })
  }
}

function onChallenge(
  link: Link,
  { nonce, pid, incarnation, publicKey, challenge }: ChallengeFrame,
  context: StepContext,
  effects: LinkEffect[],
): void {
  if (nonce !== link.nonce || !link.keyed || link.recipient !== undefined) return
  for (const { localNode, to } of link.sessions.values()) {
    const known = localNode.keys?.publicKeysOf(to) ?? EMPTY_LIST
    if (pid === to && known.some((key) => isEqual(key, publicKey))) continue
    const failure = `node ${pid} proves another key than this node has for peer ${to}`
    disconnect(link, failure, context, effects)
    return
  }
  const { cluster } = link
  const recipient = { cluster, challenge, to: pid, toIncarnation: incarnation, publicKey }
  sendProofs(link, recipient, context, effects)
}

/**
 * Frames of a connection arrive in order: every DATA, HELLO or JOIN that was sent before the PING
 * has been handled by now, or is lost. Sends the lost ones again.
 */
function onPong(link: Link, context: StepContext, effects: LinkEffect[]): void {
  const sentMs = link.pingSentMs ?? context.nowMs
  const roundTripMs = context.nowMs - sentMs
  link.pingSentMs = undefined
  let unanswered: OutboundSession[] = EMPTY_LIST
  let rewoundSincePing = false
  for (const session of link.sessions.values()) {
    const { status, reportedSincePing } = session
    if (status === 'established') session.roundTripMs = roundTripMs
    if (session.gapRewinds > 0 && session.gapRewoundMs > sentMs) rewoundSincePing = true
    else session.gapRewinds = 0
    // Two processes run with this pid: the receiver is not replaced by the other one.
    if (session.successor !== undefined && session.successor.sinceMs <= sentMs) {
      const dead = dropForOthers(session)
      effects.push({ type: 'settled', session, settlement: { ...NOTHING_DELIVERED, dead } })
      markReady(link, session)
    }
    if (status === 'established' && session.received < session.sentBeforePing) {
      rewind(session)
      markReady(link, session)
    }
    const notReported = link.pingRequestsReports && status === 'established' && !reportedSincePing
    if (status === 'requested' || notReported) unanswered = append(unanswered, session)
  }
  sendJoin(link, unanswered, context, effects)
  if (rewoundSincePing) sendPing(link, context, effects)
}

function onWelcome(
  link: Link,
  frame: WelcomeFrame,
  context: StepContext,
  effects: LinkEffect[],
): void {
  // A node without keys would take the sessions of this one unproven.
  if (link.keyed && link.recipient === undefined) return
  if (frame.nonce === link.nonce) markOpen(link)
  const features = frame.features & FEATURES
  const { maxMessageBytes, maxMessageValues } = frame
  const accepts = { maxMessageBytes, maxMessageValues, features }
  for (const report of frame.sessions) {
    const session = link.sessions.get(report.pid)
    // A late or repeated WELCOME states a former position.
    if (session?.status !== 'requested' || session.nonce !== frame.nonce) continue
    if (session.epoch !== report.epoch) continue
    markOpen(link)
    const { receiver } = session
    const { toEpoch } = report
    const sameRecord =
      receiver?.incarnation === frame.incarnation &&
      receiver.toEpoch === toEpoch &&
      // A receiver that has settled less than it reported before has lost its record.
      report.settled >= session.settled
    if (!sameRecord)
      onReceiverRestarted(session, { incarnation: frame.incarnation, toEpoch }, effects)
    applySessionReport(session, report, context, effects)
    rewind(session)
    session.status = 'established'
    session.refusalCount = 0
    session.lastRefusal = undefined
    session.disconnectedSinceMs = undefined
    // Restart the stall timer: nothing could be settled while the session was disconnected.
    session.stalledSinceMs = context.nowMs
    session.accepts = accepts
    const dead = dropForOthers(session).concat(dropUnacceptable(session))
    if (dead.length > 0) {
      effects.push({ type: 'settled', session, settlement: { ...NOTHING_DELIVERED, dead } })
    }
    link.dirty = append(link.dirty, session)
    markReady(link, session)
    effects.push({ type: 'established', session })
  }
}

/** The receiver answered the handshake: the connection works, even if a session was refused. */
function markOpen(link: Link): void {
  if (link.phase !== 'open' || link.failedSinceOpen) link.allDirty = true
  link.phase = 'open'
  link.attempts = 0
  link.failedSinceOpen = false
  link.failure = undefined
}

function onReceiverRestarted(
  session: OutboundSession,
  receiver: NonNullable<OutboundSession['receiver']>,
  effects: LinkEffect[],
): void {
  // Not if the same incarnation has lost its record: it may have delivered the entries before.
  const newIncarnation = receiver.incarnation !== session.receiver?.incarnation
  if (session.localNode.limits.resendOnRestart && newIncarnation) requeueInDoubt(session)
  const dead = failUnacked(session, 'peer-restarted')
  resetSequence(session, receiver)
  if (dead.length > 0) {
    effects.push({ type: 'settled', session, settlement: { ...NOTHING_DELIVERED, dead } })
  }
}

function onAck(link: Link, frame: AckFrame, context: StepContext, effects: LinkEffect[]): void {
  for (const report of frame.sessions) {
    const session = sessionOf(link, report)
    if (session === undefined) continue
    applySessionReport(session, report, context, effects)
    if (report.gap) rewindForGap(link, session, context, effects)
    markReady(link, session)
  }
}

/**
 * Rewinds at most once per round trip, which a PING measures: a rewind writes up to a window again,
 * and what was written before is then still on the wire. Where PING or PONG may be lost, it rewinds
 * a few times more; a receiver that reads nothing cannot make it write without end.
 */
function rewindForGap(
  link: Link,
  session: OutboundSession,
  context: StepContext,
  effects: LinkEffect[],
): void {
  const { gapRewinds, gapRewoundMs } = session
  const { gapRewindsMax, gapRewindMs } = link.tuning
  if (gapRewinds >= gapRewindsMax) return
  if (gapRewinds > 0 && context.nowMs < gapRewoundMs + gapRewindMs) return
  session.gapRewinds++
  session.gapRewoundMs = context.nowMs
  rewind(session)
  if (link.pingSentMs === undefined) sendPing(link, context, effects)
}

/** Returns the session of a report; undefined if the report is of an earlier session. */
function sessionOf(
  link: Link,
  { pid, epoch, toEpoch }: SessionReport,
): OutboundSession | undefined {
  const session = link.sessions.get(pid)
  if (session?.status !== 'established' || session.epoch !== epoch) return undefined
  return session.receiver?.toEpoch === toEpoch ? session : undefined
}

function applySessionReport(
  session: OutboundSession,
  report: SessionReport,
  context: StepContext,
  effects: LinkEffect[],
): void {
  const settlement = applyReport(session, report)
  session.credit = report.credit
  session.replyCredit = report.replyCredit
  const progressed = settlement.delivered > 0 || settlement.dead.length > 0
  if (progressed || report.credit === 0) session.stalledSinceMs = context.nowMs
  session.reportedSincePing = true
  if (session.rttSequence !== 0 && session.received >= session.rttSequence) {
    session.roundTripMs = context.nowMs - session.rttStartMs
    session.rttSequence = 0
  }
  if (progressed) {
    effects.push({ type: 'settled', session, settlement })
  }
}

function onRefused(
  link: Link,
  frame: RefusedFrame,
  context: StepContext,
  effects: LinkEffect[],
): void {
  const { reason } = frame
  if (frame.pids.length > 0) {
    let joining: OutboundSession[] = EMPTY_LIST
    for (const pid of frame.pids) {
      const session = link.sessions.get(pid)
      if (session === undefined || isStale(session, frame)) continue
      markOpen(link)
      if (reason === 'hello-required') joining = append(joining, session)
      else onSessionRefused(link, session, { ...frame, reason }, context, effects)
    }
    sendJoin(link, joining, context, effects)
  } else if (frame.nonce !== link.nonce && frame.nonce !== 0) {
    // It answers an earlier HELLO.
  } else if (reason === 'hello-required') {
    for (const session of link.sessions.values()) {
      suspend(session, context.nowMs)
      // The local node may have become a member.
      if (session.lastRefusal?.reason === 'not-a-member') session.retryAtMs = context.nowMs
    }
    sendHello(link, context, effects)
  } else {
    const refusal = { ...frame, reason }
    for (const session of link.sessions.values())
      onSessionRefused(link, session, refusal, context, effects)
    disconnect(link, undefined, context, effects)
    // Do not redial at once: the same process will still be listening.
    for (const { retryAtMs } of link.sessions.values()) {
      link.redialAtMs = Math.max(link.redialAtMs, retryAtMs)
    }
  }
}

/** Returns whether a REFUSED answers an earlier offer, or ends an earlier session. */
function isStale(session: OutboundSession, { nonce, final }: RefusedFrame): boolean {
  if (nonce !== 0) return session.status !== 'requested' || nonce !== session.nonce
  return final !== undefined && !matchesSession(session, final)
}

function matchesSession({ epoch, receiver }: OutboundSession, final: FinalPosition): boolean {
  if (final.epoch !== epoch || final.toEpoch !== receiver?.toEpoch) return false
  return final.incarnation === receiver.incarnation
}

function onSessionRefused(
  link: Link,
  session: OutboundSession,
  refusal: Refusal,
  context: StepContext,
  effects: LinkEffect[],
): void {
  const { final, reason, detail } = refusal
  // While the session is requested, rejections may be unknown: do not settle entries as delivered.
  if (final !== undefined && session.status === 'established' && matchesSession(session, final)) {
    // Entries behind the final position were not delivered.
    const settlement = applyReport(session, { ...final, received: final.settled, rejections: [] })
    const dead = failRejected(session, reason)
    resetSequence(session, undefined)
    effects.push({ type: 'settled', session, settlement: { ...settlement, dead } })
  }
  suspend(session, context.nowMs)
  const {
    backOffBaseMs,
    backOffMaxMs,
    notMemberRetryBaseMs,
    notMemberRetryMaxMs,
    supersededRetryMs,
  } = link.tuning
  // The receiver sends `hello-required` to a node that becomes a member; retries are a fallback.
  const notMember = reason === 'not-a-member'
  const baseMs = notMember ? notMemberRetryBaseMs : backOffBaseMs * 10
  const maxMs = notMember ? notMemberRetryMaxMs : backOffMaxMs
  const delayMs = backOffDelayMs(session.refusalCount++, baseMs, maxMs, 1, context.random())
  session.retryAtMs = context.nowMs + (reason === 'superseded' ? supersededRetryMs : delayMs)
  session.status = 'refused'
  link.dirty = append(link.dirty, session)
  if (session.lastRefusal?.reason === reason) return
  session.lastRefusal = { reason, detail }
  effects.push({ type: 'refused', session, reason, detail })
}

/**
 * The receiver closes. BYE reports every session, because earlier ACKs may be lost. The entries
 * behind `settled` were not delivered: they are queued for the next incarnation.
 */
function onBye(link: Link, frame: ByeFrame, context: StepContext, effects: LinkEffect[]): void {
  for (const report of frame.sessions) {
    const session = sessionOf(link, report)
    if (session === undefined) continue
    applySessionReport(session, report, context, effects)
    requeue(session)
    resetSequence(session, undefined)
  }
  disconnect(link, 'the peer has closed', context, effects)
}
