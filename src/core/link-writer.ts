/**
 * The one writer of a link: what all its sessions have waiting, in turn, as few frames as it takes.
 */
import type { Link, LinkEffect } from './link.ts'
import type { Moment } from './step.ts'
import { type Outbound, expire, writeNext } from './outbound.ts'
import { type OutgoingRun, bytesInline, encodeBatch } from './wire/batch.ts'
import type { Entry } from './entries.ts'
import { EMPTY_ROW, appended } from './row.ts'
import { NOTHING_DELIVERED } from './entries.ts'
import { hasOwnPart, sizeOf } from './wire/entry.ts'

/** What a frame still has room for. */
interface Room {
  inline: number
  whole: number
}

/** Puts a session at the end of the line, if it has anything to write and may. */
export function lineUp(link: Link, session: Outbound): void {
  if (session.standing !== 'welcome' || session.mail.length === session.written) return
  link.line.set(session, session)
}

/** DATA frames of a link that are under way, as far as it knows. */
export function framesUnderWay({ underWay }: Link): number {
  for (;;) {
    const frame = underWay.at(0)
    if (frame === undefined) return 0
    const { session, lap, end } = frame
    if (session.lap === lap && session.received < end) return underWay.length
    underWay.shift()
  }
}

/**
 * Writes what may be written: what each session has waiting, in turn, until window, credit or
 * `framesMax` stop it. While it is stopped the queues grow, and so do the next frames: that is the
 * whole batching.
 */
export function flush(link: Link, at: Moment, effects: LinkEffect[]): void {
  if (link.phase !== 'open') return
  // In this order: what has arrived is forgotten though nobody wants to write.
  while (framesUnderWay(link) < link.tuning.framesMax && link.line.size > 0) {
    const runs = nextRuns(link, at, effects)
    if (runs.length === 0) return
    link.wroteAtMs = at.nowMs
    effects.push({ type: 'send', frame: encodeBatch(runs) })
  }
}

/** What the next frame carries; nothing where nobody in the line may write. */
function nextRuns(link: Link, at: Moment, effects: LinkEffect[]): OutgoingRun[] {
  const { batchBytes, frameBytes, batchRuns } = link.tuning
  const room: Room = { inline: batchBytes, whole: frameBytes }
  let runs: OutgoingRun[] = EMPTY_ROW
  let last: Outbound | undefined
  while (room.inline > 0 && room.whole > 0 && runs.length < batchRuns) {
    const session = link.line.first
    if (session === undefined) break
    link.line.delete(session)
    const run =
      session.standing === 'welcome' ? nextRun(link, session, room, at, effects) : undefined
    if (run === undefined) continue
    runs = appended(runs, run)
    last = session
    lineUp(link, session)
  }
  if (last !== undefined) {
    link.underWay.push({ session: last, lap: last.lap, end: last.settled + last.written })
  }
  return runs
}

function nextRun(
  link: Link,
  session: Outbound,
  room: Room,
  at: Moment,
  effects: LinkEffect[],
): OutgoingRun | undefined {
  const dead = expire(session, at.nowMs)
  if (dead.length > 0) {
    effects.push({ type: 'settled', session, settlement: { ...NOTHING_DELIVERED, dead } })
  }
  if (session.mail.unacked === 0) session.stalledSinceMs = at.nowMs
  const { batchEntries } = link.tuning
  const { epoch, settled, receiver } = session
  const first = settled + session.written + 1
  const entries: Entry[] = []
  let inline = 0
  let ownParts = 0
  let urgent = false
  while (room.inline > 0 && room.whole > 0 && entries.length < batchEntries) {
    const entry = writeNext(session)
    if (entry === undefined) break
    entries.push(entry)
    const bytes = bytesInline(entry)
    inline += bytes
    room.inline -= bytes
    room.whole -= sizeOf(entry)
    if (hasOwnPart(entry)) ownParts++
    if (entry.ticket !== undefined) urgent = true
  }
  if (entries.length === 0) return undefined
  // More waits, for room or for credit, and an acknowledgement may make some.
  if (session.mail.waiting > 0) urgent = true
  if (urgent && session.timedEnd === 0) {
    session.timedEnd = first + entries.length - 1
    session.timedSinceMs = at.nowMs
  }
  const toEpoch = receiver?.toEpoch ?? 0
  const { pid } = session.sender
  return { pid, epoch, toEpoch, settled, first, entries, inline, ownParts, urgent }
}
