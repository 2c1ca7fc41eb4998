/** What a link says to get in, and how it hangs up. */
import type { Greeting } from './wire/frames.ts'
import type { Link, LinkEffect } from './link.ts'
import type { Moment } from './step.ts'
import type { Outbound } from './outbound.ts'
import { EMPTY_ROW, appended } from './row.ts'
import { PROTOCOL_VERSION } from './wire/frames.ts'
import { encodeFrame } from './wire/encode-frame.ts'
import { nextDelayMs } from './back-off.ts'
import { rewind } from './settle.ts'

/** Nonces are drawn from 1 up: 0 marks what nobody asked for. */
const NONCE_RANGE = 2 ** 30

/** Tells whether a session may ask to be let in by now. */
export function mayAsk(session: Outbound, nowMs: number): boolean {
  return session.standing !== 'refused' || session.askAtMs <= nowMs
}

/** Says HELLO for every session that may ask. */
export function hello(link: Link, at: Moment, effects: LinkEffect[]): void {
  sayLeave(link, effects)
  link.phase = 'greeting'
  link.deadlineMs = at.nowMs + link.tuning.patienceMs
  link.heardAtMs = at.nowMs
  link.pingAtMs = undefined
  link.busy = false
  link.nonce = drawNonce(at)
  let asking: Outbound[] = EMPTY_ROW
  for (const session of link.sessions.values()) {
    if (mayAsk(session, at.nowMs)) asking = appended(asking, session)
  }
  const frame = {
    type: 'hello',
    version: PROTOCOL_VERSION,
    nonce: link.nonce,
    cluster: link.cluster,
    to: link.to,
    features: 0,
    greetings: asking.map(greeting),
  } as const
  effects.push({ type: 'send', frame: [encodeFrame(frame)] })
  for (const session of asking) asked(session, link.nonce, at.nowMs)
  link.newcomers = EMPTY_ROW
  link.stirred = true
}

/** Asks for further sessions on a connection that has said HELLO. */
export function ask(
  link: Link,
  sessions: readonly Outbound[],
  at: Moment,
  effects: LinkEffect[],
): void {
  if (sessions.length === 0) return
  sayLeave(link, effects)
  const nonce = drawNonce(at)
  const frame = { type: 'join', nonce, greetings: sessions.map(greeting) } as const
  effects.push({ type: 'send', frame: [encodeFrame(frame)] })
  for (const session of sessions) {
    asked(session, nonce, at.nowMs)
    link.moved = appended(link.moved, session)
  }
}

/** Asks for those who have joined since the connection said HELLO. */
export function askForNew(link: Link, at: Moment, effects: LinkEffect[]): void {
  if (link.newcomers.length === 0) return
  if (link.phase !== 'greeting' && link.phase !== 'open') return
  const joined = link.newcomers.filter(
    (session) => session.standing === 'new' && link.sessions.get(session.sender.pid) === session,
  )
  link.newcomers = EMPTY_ROW
  ask(link, joined, at, effects)
}

/** Says LEAVE for those who have left: BEFORE anybody of the same pid joins again. */
export function sayLeave(link: Link, effects: LinkEffect[]): void {
  if (link.leaving.length === 0) return
  const frame = encodeFrame({ type: 'leave', leaving: link.leaving })
  link.leaving = EMPTY_ROW
  effects.push({ type: 'send', frame: [frame] })
}

/** Dials. */
export function dial(link: Link, at: Moment, effects: LinkEffect[]): void {
  link.phase = 'dialing'
  link.deadlineMs = at.nowMs + link.tuning.patienceMs
  effects.push({ type: 'dial' })
}

/** Hangs up, and dials again later. */
export function close(link: Link, at: Moment, effects: LinkEffect[]): void {
  effects.push({ type: 'hang-up' })
  hungUp(link, at)
}

/** The connection is gone: every session waits for the next one. */
export function hungUp(link: Link, at: Moment): void {
  const { backOffBaseMs, backOffMaxMs } = link.tuning
  const delayMs = nextDelayMs(link.attempts++, backOffBaseMs, backOffMaxMs, 1, at.chance())
  link.phase = 'waiting'
  link.failed = true
  link.stirred = true
  link.redialAtMs = at.nowMs + delayMs
  link.pingAtMs = undefined
  link.busy = false
  link.newcomers = EMPTY_ROW
  link.leaving = EMPTY_ROW
  for (const session of link.sessions.values()) {
    away(session, at.nowMs)
    if (session.standing !== 'refused') session.standing = 'new'
  }
}

/** A session is no longer welcome: nothing of it is under way any more. */
export function away(session: Outbound, nowMs: number): void {
  rewind(session)
  session.awaySinceMs ??= nowMs
}

function drawNonce(at: Moment): number {
  return 1 + Math.floor(at.chance() * NONCE_RANGE)
}

function asked(session: Outbound, nonce: number, nowMs: number): void {
  session.standing = 'asked'
  session.awaySinceMs ??= nowMs
  session.nonce = nonce
  // Asked once, it waits for its answer: a lost one is asked for again when the link is.
  session.askAtMs = Infinity
}

function greeting({ sender, epoch, settled }: Outbound): Greeting {
  return { pid: sender.pid, incarnation: sender.incarnation, epoch, settled }
}
