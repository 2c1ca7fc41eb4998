/**
 * Settling: what a report of the receiver, a restart or the end of a session does to the entries of
 * its sender.
 */
import type { DeadReason } from '../model/dead-letter.ts'
import type { DeadEntry, Entry, Settlement } from './entries.ts'
import type { Rejection, SessionReport } from './wire/frames.ts'
import type { Outbound } from './outbound.ts'
import { dead, outcomeOf } from './entries.ts'
import { EMPTY_ROW, appended } from './row.ts'
import { OWN_PART_BYTES, sizeOf } from './wire/entry.ts'

/** Takes in where the receiver stands: what is settled leaves the session. */
export function settle(
  out: Outbound,
  report: Pick<SessionReport, 'settled' | 'received' | 'rejections'>,
): Settlement {
  const upTo = Math.min(report.settled, out.settled + out.mail.unacked)
  const rejected = bySequence(report.rejections)
  let receipts: Entry[] = EMPTY_ROW
  let large: Entry[] = EMPTY_ROW
  let lost: DeadEntry[] = EMPTY_ROW
  let delivered = 0
  while (out.settled < upTo) {
    const entry = out.mail.acknowledge()
    const bytes = sizeOf(entry)
    out.settled++
    out.unackedBytes -= bytes
    if (out.written > 0) {
      out.written--
      out.writtenBytes -= bytes
    }
    const rejection = rejected?.get(out.settled)
    if (rejection === undefined) {
      delivered++
      if (entry.ticket !== undefined) receipts = appended(receipts, entry)
      if (bytes >= OWN_PART_BYTES) large = appended(large, entry)
    } else {
      const detail = `${rejection.reason}: ${rejection.detail}`
      const gone = dead(entry, 'rejected', outcomeOf(out.doubtful, entry), detail)
      lost = appended(lost, gone)
    }
  }
  out.received = Math.max(report.received, out.settled)
  return { delivered, receipts, large, dead: lost }
}

function bySequence(rejections: readonly Rejection[]): Map<number, Rejection> | undefined {
  if (rejections.length === 0) return undefined
  return new Map(rejections.map((rejection) => [rejection.sequence, rejection]))
}

/** Goes back to the first entry that has not arrived: it and all behind it are written again. */
export function rewind(out: Outbound): void {
  const written = Math.max(0, Math.min(out.received - out.settled, out.mail.unacked))
  out.written = written
  out.writtenBytes = 0
  for (let index = 0; index < written; index++) {
    out.writtenBytes += sizeOf(out.mail.at(index) as Entry)
  }
  out.pingMark = Math.min(out.pingMark, out.settled + written)
  newLap(out)
}

/**
 * Begins to count anew, with a new receiver or a new epoch; the caller has dealt with what was
 * unacknowledged.
 */
export function restart(out: Outbound, receiver: Outbound['receiver']): void {
  out.receiver = receiver
  out.settled = 0
  out.received = 0
  out.written = 0
  out.writtenBytes = 0
  out.pingMark = 0
  newLap(out)
  if (receiver === undefined) out.epoch = ++out.sender.lastEpoch
}

/** Nothing of it is under way any more. */
function newLap(out: Outbound): void {
  out.lap++
  out.timedEnd = 0
}

/** Puts what was unacknowledged back to the front of the queue: it did not arrive. */
export function requeue(out: Outbound): void {
  for (let index = 0; index < out.mail.unacked; index++) {
    const { expiresAtMs } = out.mail.at(index) as Entry
    if (expiresAtMs < out.nextExpiryMs) out.nextExpiryMs = expiresAtMs
  }
  out.mail.unsend()
  out.waitingBytes += out.unackedBytes
  out.unackedBytes = 0
}

/** The same for a new life of the receiver, where nobody can tell what the old one had taken. */
export function requeueInDoubt(out: Outbound): void {
  const doubtful = (out.doubtful ??= new WeakSet())
  for (let index = 0; index < out.mail.unacked; index++) {
    doubtful.add(out.mail.at(index) as Entry)
  }
  requeue(out)
}

/** Gives up what was unacknowledged: its fate is unknown. */
export function giveUp(out: Outbound, reason: DeadReason): DeadEntry[] {
  out.unackedBytes = 0
  return out.mail.drainUnacked().map((entry) => dead(entry, reason, 'unknown'))
}

/** Gives up what was unacknowledged and, as its receiver says, did not and will not arrive. */
export function giveUpUntaken(out: Outbound, detail: string): DeadEntry[] {
  out.unackedBytes = 0
  const all = out.mail.drainUnacked()
  return all.map((entry) => dead(entry, 'rejected', outcomeOf(out.doubtful, entry), detail))
}

/** Gives up everything: what was written is `unknown`, the rest truly did not arrive. */
export function giveUpAll(out: Outbound, reason: DeadReason): DeadEntry[] {
  const written = giveUp(out, reason)
  out.waitingBytes = 0
  const waiting = out.mail.drainWaiting()
  return written.concat(waiting.map((entry) => dead(entry, reason, outcomeOf(out.doubtful, entry))))
}
