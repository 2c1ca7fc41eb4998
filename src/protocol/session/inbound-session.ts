/** The receiver's end of a session: what has arrived and what is settled. */
import type { ConnectionId } from '../../ports/transport.ts'
import type { DataBatch, Rejection, SessionReport } from '../wire/frames.ts'
import type { EntryRange } from '../wire/entry.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { Pid } from '../../model/pid.ts'

/**
 * A session at its receiver.
 *
 * Between steps:
 *
 *     0 <= settled <= received
 *     bufferedBytes = Σ bytes of the batches that the inbox has not finished
 *     rejections: ascending by sequence, each sequence <= settled
 *     missingFrom === undefined || missingFrom === received + 1
 */
export interface InboundSession {
  readonly pid: Pid
  readonly incarnation: Incarnation
  /** The sender's epoch. */
  readonly epoch: number
  /** The receiver's epoch: a new one whenever this record is created. */
  readonly toEpoch: number
  /** The connection of the sender; undefined while it is disconnected. */
  connection: ConnectionId | undefined
  /** The public key that its sender has proven on the connection; undefined without keys. */
  provenKey: Uint8Array | undefined
  /** Every entry up to this sequence number is delivered or rejected. */
  settled: number
  /** Every entry up to this sequence number has arrived. */
  received: number
  /** The bytes that unfinished batches hold of the window. */
  bufferedBytes: number
  /** The rejections that the sender has not confirmed; repeated in every report. */
  rejections: readonly Rejection[]
  /** Whether the session is in `pendingAcks` of its receiver. */
  ackPending: boolean
  /** The first missing entry, once an entry behind it has arrived; reported once as `gap`. */
  missingFrom: number | undefined
}

/** New consecutive entries of one session, for the inbox to deliver. */
export interface InboundBatch {
  readonly session: InboundSession
  /** The sequence number of the first new entry. */
  readonly first: number
  /** The number of new entries. */
  readonly count: number
  /** The number of entries in front of them that had arrived before. */
  readonly skip: number
  /** What the batch holds of the window until it is finished. */
  readonly bytes: number
  readonly entries: EntryRange
}

const NO_REJECTIONS: readonly Rejection[] = []

/** Creates the record of a sender from which nothing has arrived. */
export function createInboundSession({
  pid,
  incarnation,
  epoch,
  toEpoch,
  connection,
  provenKey,
}: Pick<
  InboundSession,
  'pid' | 'incarnation' | 'epoch' | 'toEpoch' | 'connection' | 'provenKey'
>): InboundSession {
  // Property by property: a spread of an unknown shape would store half of them out of line.
  return {
    pid,
    incarnation,
    epoch,
    toEpoch,
    connection,
    provenKey,
    settled: 0,
    received: 0,
    bufferedBytes: 0,
    rejections: NO_REJECTIONS,
    ackPending: false,
    missingFrom: undefined,
  }
}

/** The most bytes of replies that may be unacknowledged beyond a full window. */
const REPLY_RESERVE_BYTES_MAX = 256 * 1024

/**
 * Returns the window of a sender for replies: larger than that for other entries, so that nodes
 * that wait for each other's replies never wait for ever.
 */
export function replyWindowBytes(windowBytes: number): number {
  return windowBytes + Math.min(windowBytes, REPLY_RESERVE_BYTES_MAX)
}

/** The limits that a receiver sets to each sender. */
export interface InboundLimits {
  readonly windowBytes: number
  readonly maxMessageBytes: number
}

/** Batches of a sender with more unconfirmed rejections than this are dropped. */
const UNKNOWN_REJECTIONS_MAX = 1_000

/** The approximate cost of a buffered batch besides its bytes; it bounds many small batches. */
const BATCH_OVERHEAD_BYTES = 512

/** Returns whether the sender must confirm rejections before more of its batches are accepted. */
export function ignoresRejections({ rejections }: InboundSession): boolean {
  return rejections.length > UNKNOWN_REJECTIONS_MAX
}

/** Treats all entries that have arrived and are not settled as lost. */
export function discardUnsettled(session: InboundSession): void {
  session.received = session.settled
  session.bufferedBytes = 0
  session.missingFrom = session.settled + 1
}

/**
 * Returns the new entries of a batch, if any. Treats the batch as lost when the sender far exceeds
 * its credit or ignores rejections. An ACK is due in any case.
 */
export function acceptBatch(
  session: InboundSession,
  batch: DataBatch,
  { windowBytes, maxMessageBytes }: InboundLimits,
): InboundBatch | undefined {
  pruneRejections(session, batch.settled)
  const expected = session.received + 1
  const bufferedMax = replyWindowBytes(windowBytes) + maxMessageBytes
  const exceedsCredit = session.bufferedBytes > bufferedMax
  if (batch.first > expected || exceedsCredit || ignoresRejections(session)) {
    session.missingFrom = expected
    return undefined
  }
  const skip = expected - batch.first
  const count = batch.count - skip
  if (count <= 0) return undefined
  session.received += count
  session.missingFrom = undefined
  const bytes = batchBytes(batch) + BATCH_OVERHEAD_BYTES
  session.bufferedBytes += bytes
  return { session, first: expected, count, skip, bytes, entries: batch }
}

function batchBytes({ parts, offset, end, partIndex, separateParts }: EntryRange): number {
  let bytes = end - offset
  for (let index = 0; index < separateParts; index++) bytes += parts[partIndex + index]?.length ?? 0
  return bytes
}

/** Settles the next `count` entries, and releases `bytes` of the window. */
export function settleEntries(session: InboundSession, count: number, bytes: number): void {
  session.settled += count
  session.bufferedBytes -= bytes
}

/** Stores rejections until the sender confirms them. */
export function addRejections(session: InboundSession, rejections: readonly Rejection[]): void {
  if (rejections.length > 0) session.rejections = session.rejections.concat(rejections)
}

/** Drops the rejections that the sender confirms: those up to `settled`. */
export function pruneRejections(session: InboundSession, settled: number): void {
  if (session.rejections.length === 0) return
  session.rejections = session.rejections.filter(({ sequence }) => sequence > settled)
}

/**
 * Returns the report of a session, and clears `missingFrom`: a gap is reported once.
 *
 * @param credit the bytes that the sender may have unacknowledged beyond `settled`
 * @param replyCredit the same for replies
 */
export function sessionReport(
  session: InboundSession,
  credit: number,
  replyCredit: number,
): SessionReport {
  const { pid, epoch, toEpoch, settled, received, rejections } = session
  const gap = session.missingFrom !== undefined
  session.missingFrom = undefined
  return { pid, epoch, toEpoch, settled, received, credit, replyCredit, gap, rejections }
}
