/** Time on a link: redialing, silence, and what has waited too long. */
import type { Link, LinkEffect } from './link.ts'
import type { Moment } from './step.ts'
import { type Outbound, expire } from './outbound.ts'
import { ask, askForNew, away, close, dial, mayAsk } from './link-dialogue.ts'
import { flush, framesUnderWay, lineUp } from './link-writer.ts'
import { giveUp, restart } from './settle.ts'
import { LAG_MS } from './link-tuning.ts'
import { NOTHING_DELIVERED } from './entries.ts'
import { EMPTY_ROW, appended } from './row.ts'
import { encodeFrame } from './wire/encode-frame.ts'

/** Does what has come due. */
export function tick(link: Link, lagMs: number, at: Moment, effects: LinkEffect[]): void {
  if (lagMs >= LAG_MS) forgive(link, lagMs)
  for (const session of link.sessions.values()) bury(link, session, at, effects)
  switch (link.phase) {
    case 'waiting':
      if (link.sessions.size > 0 && link.redialAtMs <= at.nowMs && someMayAsk(link, at.nowMs)) {
        dial(link, at, effects)
      }
      return
    case 'dialing':
    case 'greeting':
      if (link.deadlineMs <= at.nowMs) close(link, at, effects)
      return
    case 'open':
      askForNew(link, at, effects)
      askAgain(link, at, effects)
      breakSilence(link, at, effects)
      flush(link, at, effects)
  }
}

/** Asks for those who were refused a while ago. */
function askAgain(link: Link, at: Moment, effects: LinkEffect[]): void {
  let asking: Outbound[] = EMPTY_ROW
  for (const session of link.sessions.values()) {
    if (isDue(session, at.nowMs)) asking = appended(asking, session)
  }
  ask(link, asking, at, effects)
}

/** When the next tick is due. */
export function nextWakeMs(link: Link): number {
  let wakeAtMs = link.phase === 'open' ? silenceEndsMs(link) : Infinity
  for (const session of link.sessions.values()) {
    if (link.phase !== 'open') wakeAtMs = Math.min(wakeAtMs, phaseWakeMs(link, session))
    wakeAtMs = Math.min(wakeAtMs, ownWakeMs(session))
    if (link.phase === 'open' && session.standing === 'refused') {
      wakeAtMs = Math.min(wakeAtMs, session.askAtMs)
    }
  }
  return wakeAtMs
}

/**
 * When the next tick is due for the sake of these sessions, which alone have changed; at most a
 * probe too late where a link becomes stuck.
 */
export function soonerWakeMs(link: Link, sessions: readonly Outbound[], nowMs: number): number {
  const isOpen = link.phase === 'open'
  let wakeAtMs = isOpen ? nowMs + link.tuning.probeAfterMs : Infinity
  for (const session of sessions) {
    wakeAtMs = Math.min(wakeAtMs, ownWakeMs(session))
    if (isOpen && session.standing === 'refused') wakeAtMs = Math.min(wakeAtMs, session.askAtMs)
  }
  return wakeAtMs
}

/** When a session wants to be looked at, whatever its link does. */
function ownWakeMs(session: Outbound): number {
  const { mail, nextExpiryMs, awaySinceMs, stalledSinceMs, sender } = session
  const expiryMs = mail.waiting > 0 ? nextExpiryMs : Infinity
  if (mail.unacked === 0) return expiryMs
  return Math.min(expiryMs, (awaySinceMs ?? stalledSinceMs) + sender.limits.peerGoneMs)
}

/**
 * When the phase of a link wants to be looked at again; as long as it waits, for the sake of one
 * session.
 */
export function phaseWakeMs(link: Link, session: Outbound): number {
  switch (link.phase) {
    case 'waiting':
      return Math.max(link.redialAtMs, session.standing === 'refused' ? session.askAtMs : 0)
    case 'dialing':
    case 'greeting':
      return link.deadlineMs
    case 'open':
      return silenceEndsMs(link)
  }
}

function silenceEndsMs(link: Link): number {
  const { pingAfterMs, probeAfterMs, pongWithinMs } = link.tuning
  if (link.pingAtMs !== undefined) return link.pingAtMs + pongWithinMs
  if (!isStuck(link)) return link.heardAtMs + pingAfterMs
  return Math.max(link.heardAtMs, link.wroteAtMs) + probeAfterMs
}

/**
 * Something is under way, waits for credit, or waits to be let in: a lost frame would leave it so
 * for ever.
 */
function isStuck(link: Link): boolean {
  if (framesUnderWay(link) > 0) return true
  for (const { standing, mail } of link.sessions.values()) {
    if (standing === 'asked' || (standing === 'welcome' && mail.waiting > 0)) return true
  }
  return false
}

/** Somebody waits for a word of the other end. */
function isUnsettled(link: Link): boolean {
  for (const { standing, mail } of link.sessions.values()) {
    if (standing === 'asked' || mail.length > 0) return true
  }
  return false
}

function breakSilence(link: Link, at: Moment, effects: LinkEffect[]): void {
  if (silenceEndsMs(link) > at.nowMs) return
  if (link.heardAtMs + link.tuning.busyMaxMs <= at.nowMs) {
    close(link, at, effects)
    return
  }
  if (link.pingAtMs !== undefined && !link.busy) {
    link.busy = true
    link.stirred = true
  }
  link.pingAtMs = at.nowMs
  link.pingToken++
  // Hundreds of idle sessions need not be spoken of each time.
  link.pingReports = isUnsettled(link) || link.pingToken % link.tuning.reportEvery === 0
  for (const session of link.sessions.values()) {
    session.pingMark = session.settled + session.written
    session.reported = false
  }
  const { pingToken: token, pingReports: report } = link
  effects.push({ type: 'send', frame: [encodeFrame({ type: 'ping', token, report })] })
}

/** What came in meanwhile has not been read yet: everybody has a moment more, counted from now. */
function forgive(link: Link, lagMs: number): void {
  const grantedMs = lagMs + link.tuning.probeAfterMs
  link.deadlineMs += grantedMs
  link.heardAtMs += lagMs
  if (link.pingAtMs !== undefined) link.pingAtMs += grantedMs
  for (const session of link.sessions.values()) session.stalledSinceMs += lagMs
}

/** Declares dead what has waited too long, to be written or for its receiver to come back. */
function bury(link: Link, session: Outbound, at: Moment, effects: LinkEffect[]): void {
  let dead = expire(session, at.nowMs)
  const { awaySinceMs, sender } = session
  // Who does not answer is dealt with by the link.
  if (link.busy) session.stalledSinceMs = at.nowMs
  // One that answers, gives credit and yet never takes anything is as good as gone.
  const missingSinceMs = awaySinceMs ?? session.stalledSinceMs
  const gone = missingSinceMs + sender.limits.peerGoneMs <= at.nowMs
  if (gone && session.mail.unacked > 0) {
    dead = dead.concat(giveUp(session, 'peer-gone'))
    restart(session, undefined)
    if (awaySinceMs === undefined) askAnew(link, session, at)
  }
  if (dead.length > 0) {
    effects.push({ type: 'settled', session, settlement: { ...NOTHING_DELIVERED, dead } })
    // What stood behind it may be smaller, and fit.
    lineUp(link, session)
  }
}

/** A session that was given up while it was welcome is a new one to its receiver. */
function askAnew(link: Link, session: Outbound, at: Moment): void {
  away(session, at.nowMs)
  session.standing = 'new'
  link.newcomers = appended(link.newcomers, session)
  link.moved = appended(link.moved, session)
}

function someMayAsk(link: Link, nowMs: number): boolean {
  for (const session of link.sessions.values()) if (mayAsk(session, nowMs)) return true
  return false
}

function isDue(session: Outbound, nowMs: number): boolean {
  return session.standing === 'refused' && session.askAtMs <= nowMs
}
