/** What a link makes of the frames that come back. */
import type {
  AckFrame,
  ByeFrame,
  LastWord,
  RefusedFrame,
  SessionReport,
  WelcomeFrame,
  WireFrame,
} from './wire/frames.ts'
import type { Link, LinkEffect } from './link.ts'
import type { Moment } from './step.ts'
import type { Outbound } from './outbound.ts'
import { ask, away, close, hello } from './link-dialogue.ts'
import { giveUp, giveUpUntaken, requeue, requeueInDoubt } from './settle.ts'
import { restart, rewind, settle } from './settle.ts'
import { EVERYBODY } from './wire/frames.ts'
import { NOTHING_DELIVERED } from './entries.ts'
import { giveUpLarge } from './outbound.ts'
import { EMPTY_ROW, appended } from './row.ts'
import { lineUp } from './link-writer.ts'
import { nextDelayMs } from './back-off.ts'

/** Takes in one frame from the other end. */
export function hear(link: Link, frame: WireFrame, at: Moment, effects: LinkEffect[]): void {
  switch (frame.type) {
    case 'welcome':
      welcome(link, frame, at, effects)
      return
    case 'refused':
      refused(link, frame, at, effects)
      return
    case 'ack':
      acknowledged(link, frame, at, effects)
      return
    case 'pong':
      if (frame.token === link.pingToken && link.pingAtMs !== undefined) answered(link, at, effects)
      return
    case 'bye':
      bye(link, frame, at, effects)
      return
    default:
      effects.push({ type: 'bad-frame', detail: `${frame.type} from the listening side` })
  }
}

/**
 * What was sent before the PING has arrived by now, or never will: DATA, questions, and word of a
 * session.
 */
function answered(link: Link, at: Moment, effects: LinkEffect[]): void {
  const roundTripMs = at.nowMs - (link.pingAtMs ?? at.nowMs)
  link.pingAtMs = undefined
  let unheard: Outbound[] = EMPTY_ROW
  for (const session of link.sessions.values()) {
    const { standing, reported } = session
    if (standing === 'welcome') session.roundTripMs = roundTripMs
    if (standing === 'welcome' && session.received < session.pingMark) {
      rewind(session)
      lineUp(link, session)
    }
    const forgotten = link.pingReports && standing === 'welcome' && !reported
    if (standing === 'asked' || forgotten) unheard = appended(unheard, session)
  }
  ask(link, unheard, at, effects)
}

function welcome(link: Link, frame: WelcomeFrame, at: Moment, effects: LinkEffect[]): void {
  if (frame.nonce === link.nonce) opened(link)
  for (const report of frame.sessions) {
    const session = link.sessions.get(report.pid)
    // An answer that comes late, or twice, tells of a moment that has passed.
    if (session?.standing !== 'asked' || session.nonce !== frame.nonce) continue
    if (session.epoch !== report.epoch) continue
    opened(link)
    const { receiver } = session
    const { toEpoch } = report
    const same =
      receiver?.incarnation === frame.incarnation &&
      receiver.toEpoch === toEpoch &&
      // Who knows less than it has acknowledged has forgotten: that is a new life, whatever it
      // calls itself.
      report.settled >= session.settled
    if (!same) restarted(session, { incarnation: frame.incarnation, toEpoch }, effects)
    takeIn(session, report, at, effects)
    rewind(session)
    session.standing = 'welcome'
    session.refusals = 0
    session.refusedFor = undefined
    session.awaySinceMs = undefined
    // It was away, not idle: what it has not taken is only being written again now.
    session.stalledSinceMs = at.nowMs
    session.maxMessageBytes = frame.maxMessageBytes
    const dead = giveUpLarge(session)
    if (dead.length > 0) {
      effects.push({ type: 'settled', session, settlement: { ...NOTHING_DELIVERED, dead } })
    }
    link.moved = appended(link.moved, session)
    lineUp(link, session)
    effects.push({ type: 'welcomed', session, restarted: receiver !== undefined && !same })
  }
}

/** The connection is good, whatever the other end thinks of one of us. */
function opened(link: Link): void {
  if (link.phase !== 'open' || link.failed) link.stirred = true
  link.phase = 'open'
  link.attempts = 0
  link.failed = false
}

function restarted(
  session: Outbound,
  receiver: NonNullable<Outbound['receiver']>,
  effects: LinkEffect[],
): void {
  // A receiver that lives on and has only forgotten may have taken it: it would be taken twice.
  const anotherLife = receiver.incarnation !== session.receiver?.incarnation
  if (session.sender.limits.resendOnRestart && anotherLife) requeueInDoubt(session)
  const dead = giveUp(session, 'peer-restarted')
  restart(session, receiver)
  if (dead.length > 0) {
    effects.push({ type: 'settled', session, settlement: { ...NOTHING_DELIVERED, dead } })
  }
}

function acknowledged(link: Link, frame: AckFrame, at: Moment, effects: LinkEffect[]): void {
  for (const report of frame.sessions) {
    const session = reported(link, report)
    if (session === undefined) continue
    takeIn(session, report, at, effects)
    if (report.gap) rewind(session)
    lineUp(link, session)
  }
}

/** The session that a report speaks of; undefined where it is of an earlier one. */
function reported(link: Link, { pid, epoch, toEpoch }: SessionReport): Outbound | undefined {
  const session = link.sessions.get(pid)
  if (session?.standing !== 'welcome' || session.epoch !== epoch) return undefined
  return session.receiver?.toEpoch === toEpoch ? session : undefined
}

function takeIn(session: Outbound, report: SessionReport, at: Moment, effects: LinkEffect[]): void {
  const settlement = settle(session, report)
  session.credit = report.credit
  const moved = settlement.delivered > 0 || settlement.dead.length > 0
  if (moved || report.credit === 0) session.stalledSinceMs = at.nowMs
  session.reported = true
  if (session.timedEnd !== 0 && session.received >= session.timedEnd) {
    session.roundTripMs = at.nowMs - session.timedSinceMs
    session.timedEnd = 0
  }
  if (moved) {
    effects.push({ type: 'settled', session, settlement })
  }
}

function refused(link: Link, frame: RefusedFrame, at: Moment, effects: LinkEffect[]): void {
  if (frame.pid !== EVERYBODY) {
    const session = link.sessions.get(frame.pid)
    if (session === undefined || isStale(session, frame)) return
    opened(link)
    if (frame.reason === 'say-hello') ask(link, [session], at, effects)
    else turnedAway(link, session, frame, at, effects)
  } else if (frame.nonce !== link.nonce && frame.nonce !== 0) {
    // Of an earlier HELLO.
  } else if (frame.reason === 'say-hello') {
    for (const session of link.sessions.values()) {
      away(session, at.nowMs)
      // Perhaps it is a member now.
      if (session.refusedFor === 'not-a-member') session.askAtMs = at.nowMs
    }
    hello(link, at, effects)
  } else {
    for (const session of link.sessions.values()) turnedAway(link, session, frame, at, effects)
    close(link, at, effects)
    // Whoever listens there will hardly be another one in ten milliseconds.
    for (const { askAtMs } of link.sessions.values()) {
      link.redialAtMs = Math.max(link.redialAtMs, askAtMs)
    }
  }
}

/** An answer to an earlier question, or a dismissal from a session that is over. */
function isStale(session: Outbound, { nonce, last }: RefusedFrame): boolean {
  if (nonce !== 0) return session.standing !== 'asked' || nonce !== session.nonce
  return last !== undefined && !isOf(session, last)
}

function isOf({ epoch, receiver }: Outbound, last: LastWord): boolean {
  if (last.epoch !== epoch || last.toEpoch !== receiver?.toEpoch) return false
  return last.incarnation === receiver.incarnation
}

function turnedAway(
  link: Link,
  session: Outbound,
  frame: RefusedFrame,
  at: Moment,
  effects: LinkEffect[],
): void {
  const { last, reason, detail } = frame
  // While it asks, it may have missed what was rejected: then nothing is settled by a last word.
  if (last !== undefined && session.standing === 'welcome' && isOf(session, last)) {
    // The receiver tells how far it got: the rest truly did not arrive.
    const settlement = settle(session, { ...last, received: last.settled, rejections: [] })
    const dead = giveUpUntaken(session, reason)
    restart(session, undefined)
    effects.push({ type: 'settled', session, settlement: { ...settlement, dead } })
  }
  away(session, at.nowMs)
  const { backOffBaseMs, backOffMaxMs, strangerBaseMs, strangerMaxMs, supersededMs } = link.tuning
  // A stranger is told when it becomes a member: it asks again only in case that it was not.
  const stranger = reason === 'not-a-member'
  const baseMs = stranger ? strangerBaseMs : backOffBaseMs * 10
  const maxMs = stranger ? strangerMaxMs : backOffMaxMs
  const delayMs = nextDelayMs(session.refusals++, baseMs, maxMs, 1, at.chance())
  session.askAtMs = at.nowMs + (reason === 'superseded' ? supersededMs : delayMs)
  session.standing = 'refused'
  link.moved = appended(link.moved, session)
  if (session.refusedFor === reason) return
  session.refusedFor = reason
  effects.push({ type: 'refused', session, reason, detail })
}

/**
 * The other node closes, and tells what it took: the rest did not arrive, and waits for its next
 * life. It tells of each session, for an acknowledgement before it may have been lost.
 */
function bye(link: Link, frame: ByeFrame, at: Moment, effects: LinkEffect[]): void {
  for (const report of frame.sessions) {
    const session = reported(link, report)
    if (session === undefined) continue
    takeIn(session, report, at, effects)
    requeue(session)
    restart(session, undefined)
  }
  close(link, at, effects)
}
