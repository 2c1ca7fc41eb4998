/**
 * Settling: what a report of the receiver, a restart or the end of a session does to the entries of
 * its sender.
 */
import type { DeadReason } from '../../model/dead-letter.ts'
import type { DeadEntry, Entry, Settlement } from './entries.ts'
import type { Rejection, SessionReport } from '../wire/frames.ts'
import type { OutboundSession } from './outbound-session.ts'
import { deadEntry, outcomeOf } from './entries.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { SEPARATE_PART_BYTES, sizeOf } from '../wire/entry.ts'

/** Takes in where the receiver stands: what is settled leaves the session. */
export function applyReport(
  session: OutboundSession,
  report: Pick<SessionReport, 'settled' | 'received' | 'rejections'>,
): Settlement {
  const upTo = Math.min(report.settled, session.settled + session.buffer.unacked)
  const rejectionBySequence = indexBySequence(report.rejections)
  let receipts: Entry[] = EMPTY_LIST
  let large: Entry[] = EMPTY_LIST
  let deadEntries: DeadEntry[] = EMPTY_LIST
  let delivered = 0
  while (session.settled < upTo) {
    const entry = session.buffer.acknowledge()
    const bytes = sizeOf(entry)
    session.settled++
    session.unackedBytes -= bytes
    if (session.written > 0) {
      session.written--
      session.writtenBytes -= bytes
    }
    const rejection = rejectionBySequence?.get(session.settled)
    if (rejection === undefined) {
      delivered++
      if (entry.waiter !== undefined) receipts = append(receipts, entry)
      if (bytes >= SEPARATE_PART_BYTES) large = append(large, entry)
    } else {
      const detail = `${rejection.reason}: ${rejection.detail}`
      const rejectedEntry = deadEntry(entry, 'rejected', outcomeOf(session.inDoubt, entry), detail)
      deadEntries = append(deadEntries, rejectedEntry)
    }
  }
  session.received = Math.max(report.received, session.settled)
  return { delivered, receipts, large, dead: deadEntries }
}

function indexBySequence(rejections: readonly Rejection[]): Map<number, Rejection> | undefined {
  if (rejections.length === 0) return undefined
  return new Map(rejections.map((rejection) => [rejection.sequence, rejection]))
}

/** Goes back to the first entry that has not arrived: it and all behind it are written again. */
export function rewind(session: OutboundSession): void {
  const written = Math.max(0, Math.min(session.received - session.settled, session.buffer.unacked))
  session.written = written
  session.writtenBytes = 0
  for (let index = 0; index < written; index++) {
    session.writtenBytes += sizeOf(session.buffer.at(index) as Entry)
  }
  session.sentBeforePing = Math.min(session.sentBeforePing, session.settled + written)
  invalidateInFlight(session)
}

/**
 * Begins to count anew, with a new receiver or a new epoch; the caller has dealt with what was
 * unacknowledged.
 */
export function resetSequence(
  session: OutboundSession,
  receiver: OutboundSession['receiver'],
): void {
  session.receiver = receiver
  session.settled = 0
  session.received = 0
  session.written = 0
  session.writtenBytes = 0
  session.sentBeforePing = 0
  invalidateInFlight(session)
  if (receiver === undefined) session.epoch = ++session.localNode.lastEpoch
}

/** Nothing of it is under way any more. */
function invalidateInFlight(session: OutboundSession): void {
  session.generation++
  session.rttSequence = 0
}

/** Puts what was unacknowledged back to the front of the queue: it did not arrive. */
export function requeue(session: OutboundSession): void {
  for (let index = 0; index < session.buffer.unacked; index++) {
    const { expiresAtMs } = session.buffer.at(index) as Entry
    if (expiresAtMs < session.nextExpiryMs) session.nextExpiryMs = expiresAtMs
  }
  session.buffer.requeueSent()
  session.queuedBytes += session.unackedBytes
  session.unackedBytes = 0
}

/** The same for a new life of the receiver, where nobody can tell what the old one had taken. */
export function requeueInDoubt(session: OutboundSession): void {
  const inDoubt = (session.inDoubt ??= new WeakSet())
  for (let index = 0; index < session.buffer.unacked; index++) {
    inDoubt.add(session.buffer.at(index) as Entry)
  }
  requeue(session)
}

/** Gives up what was unacknowledged: its fate is unknown. */
export function failUnacked(session: OutboundSession, reason: DeadReason): DeadEntry[] {
  session.unackedBytes = 0
  return session.buffer.drainUnacked().map((entry) => deadEntry(entry, reason, 'unknown'))
}

/** Gives up what was unacknowledged and, as its receiver says, did not and will not arrive. */
export function failRejected(session: OutboundSession, detail: string): DeadEntry[] {
  session.unackedBytes = 0
  const unacked = session.buffer.drainUnacked()
  return unacked.map((entry) =>
    deadEntry(entry, 'rejected', outcomeOf(session.inDoubt, entry), detail),
  )
}

/** Gives up everything: what was written is `unknown`, the rest truly did not arrive. */
export function failAll(session: OutboundSession, reason: DeadReason): DeadEntry[] {
  const unacked = failUnacked(session, reason)
  session.queuedBytes = 0
  const queued = session.buffer.drainQueued()
  return unacked.concat(
    queued.map((entry) => deadEntry(entry, reason, outcomeOf(session.inDoubt, entry))),
  )
}
