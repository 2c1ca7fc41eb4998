/**
 * Settling: what a report of the receiver, a restart or the end of a session does to the entries of
 * its sender.
 */
import type { DeadReason } from '../model/dead-letter.ts'
import type { DeadEntry, Entry, Settlement } from './entries.ts'
import type { Rejection, SessionReport } from './wire/frames.ts'
import type { Outbound } from './outbound.ts'
import { dead, outcomeOf } from './entries.ts'

/** Takes in where the receiver stands: what is settled leaves the session. */
export function settle(
  out: Outbound,
  report: Pick<SessionReport, 'settled' | 'received' | 'rejections'>,
): Settlement {
  const upTo = Math.min(report.settled, out.settled + out.unacked.length)
  const rejected = new Map<number, Rejection>()
  for (const rejection of report.rejections) rejected.set(rejection.sequence, rejection)
  const receipts: Entry[] = []
  const lost: DeadEntry[] = []
  let delivered = 0
  while (out.settled < upTo) {
    const entry = out.unacked.shift() as Entry
    out.settled++
    out.unackedBytes -= entry.bytes.length
    if (out.written > 0) {
      out.written--
      out.writtenBytes -= entry.bytes.length
    }
    const rejection = rejected.size === 0 ? undefined : rejected.get(out.settled)
    if (rejection === undefined) {
      delivered++
      if (entry.ticket !== undefined) receipts.push(entry)
    } else {
      const detail = `${rejection.reason}: ${rejection.detail}`
      lost.push(dead(entry, 'rejected', outcomeOf(out.doubtful, entry), detail))
    }
  }
  out.received = Math.max(report.received, out.settled)
  while ((out.frameEnds.at(0) ?? Infinity) <= out.received) out.frameEnds.shift()
  return { delivered, receipts, dead: lost }
}

/** Goes back to the first entry that has not arrived: it and all behind it are written again. */
export function rewind(out: Outbound): void {
  const written = Math.max(0, Math.min(out.received - out.settled, out.unacked.length))
  out.written = written
  out.writtenBytes = 0
  for (let index = 0; index < written; index++) {
    out.writtenBytes += (out.unacked.at(index) as Entry).bytes.length
  }
  out.frameEnds.drain()
  out.timed = undefined
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
  out.timed = undefined
  out.frameEnds.drain()
  if (receiver === undefined) out.epoch = ++out.epochs.last
}

/** Puts what was unacknowledged back to the front of the queue: it did not arrive. */
export function requeue(out: Outbound): void {
  for (let entry = out.unacked.pop(); entry !== undefined; entry = out.unacked.pop()) {
    out.waiting.unshift(entry)
    if (entry.expiresAtMs < out.nextExpiryMs) out.nextExpiryMs = entry.expiresAtMs
  }
  out.waitingBytes += out.unackedBytes
  out.unackedBytes = 0
}

/** The same for a new life of the receiver, where nobody can tell what the old one had taken. */
export function requeueInDoubt(out: Outbound): void {
  for (let index = 0; index < out.unacked.length; index++) {
    out.doubtful.add(out.unacked.at(index) as Entry)
  }
  requeue(out)
}

/** Gives up what was unacknowledged: its fate is unknown. */
export function giveUp(out: Outbound, reason: DeadReason): DeadEntry[] {
  out.unackedBytes = 0
  return out.unacked.drain().map((entry) => dead(entry, reason, 'unknown'))
}

/** Gives up what was unacknowledged and, as its receiver says, did not and will not arrive. */
export function giveUpUntaken(out: Outbound, detail: string): DeadEntry[] {
  out.unackedBytes = 0
  const all = out.unacked.drain()
  return all.map((entry) => dead(entry, 'rejected', outcomeOf(out.doubtful, entry), detail))
}

/** Gives up everything: what was written is `unknown`, the rest truly did not arrive. */
export function giveUpAll(out: Outbound, reason: DeadReason): DeadEntry[] {
  const written = giveUp(out, reason)
  out.waitingBytes = 0
  const waiting = out.waiting.drain()
  return written.concat(waiting.map((entry) => dead(entry, reason, outcomeOf(out.doubtful, entry))))
}
