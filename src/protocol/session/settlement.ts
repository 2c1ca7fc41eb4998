/**
 * Settles, requeues or fails the entries of an outbound session; `link/answers.ts` and
 * `link/timers.ts` decide which.
 */
import type { DeadReason } from '../../model/dead-letter.ts'
import type { DeadEntry, Entry, Settlement } from './entries.ts'
import type { Rejection, SessionReport } from '../wire/frames.ts'
import type { OutboundSession } from './outbound-session.ts'
import { deadEntry, outcomeOf } from './entries.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { SEPARATE_PART_BYTES, isReply, sizeOf } from '../wire/entry.ts'

/** Applies a report of the receiver: removes the settled entries from the session. */
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

/** Rewinds (go-back-N): the first missing entry and all behind it will be written again. */
export function rewind(session: OutboundSession): void {
  const written = Math.max(0, Math.min(session.received - session.settled, session.buffer.unacked))
  session.written = written
  session.writtenBytes = 0
  for (let index = 0; index < written; index++) {
    session.writtenBytes += sizeOf(session.buffer.at(index) as Entry)
  }
  session.sentBeforePing = Math.min(session.sentBeforePing, session.settled + written)
  beginGeneration(session)
}

/**
 * Restarts numbering at 1, for a new receiver or, where it is undefined, with a new epoch. The
 * caller has removed or requeued the unacked entries.
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
  beginGeneration(session)
  if (receiver === undefined) session.epoch = ++session.localNode.lastEpoch
}

function beginGeneration(session: OutboundSession): void {
  session.generation++
  session.rttSequence = 0
}

/** Queues the unacked entries again, in front of the others; they have not arrived. */
export function requeue(session: OutboundSession): void {
  for (let index = 0; index < session.buffer.unacked; index++) {
    const entry = session.buffer.at(index) as Entry
    if (entry.expiresAtMs < session.nextExpiryMs) session.nextExpiryMs = entry.expiresAtMs
    if (isReply(entry)) session.queuedReplies++
  }
  session.buffer.requeueSent()
  session.queuedBytes += session.unackedBytes
  session.unackedBytes = 0
}

/** Queues the unacked entries again, and marks them as in doubt. */
export function requeueInDoubt(session: OutboundSession): void {
  const inDoubt = (session.inDoubt ??= new WeakSet())
  for (let index = 0; index < session.buffer.unacked; index++) {
    inDoubt.add(session.buffer.at(index) as Entry)
  }
  requeue(session)
}

/** Removes the unacked entries as dead with outcome `unknown`. */
export function failUnacked(session: OutboundSession, reason: DeadReason): DeadEntry[] {
  session.unackedBytes = 0
  return session.buffer.drainUnacked().map((entry) => deadEntry(entry, reason, 'unknown'))
}

/** Removes the unacked entries as dead: the receiver states that it will not deliver them. */
export function failRejected(session: OutboundSession, detail: string): DeadEntry[] {
  session.unackedBytes = 0
  const unacked = session.buffer.drainUnacked()
  return unacked.map((entry) =>
    deadEntry(entry, 'rejected', outcomeOf(session.inDoubt, entry), detail),
  )
}

/** Removes all entries as dead: the unacked ones with outcome `unknown`. */
export function failAll(session: OutboundSession, reason: DeadReason): DeadEntry[] {
  const unacked = failUnacked(session, reason)
  session.queuedBytes = 0
  session.queuedReplies = 0
  const queued = session.buffer.drainQueued()
  return unacked.concat(
    queued.map((entry) => deadEntry(entry, reason, outcomeOf(session.inDoubt, entry))),
  )
}
