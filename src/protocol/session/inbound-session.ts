/** The receiver's end of a session: one small record per member. */
import type { ConnectionId } from '../../ports/transport.ts'
import type { DataBatch, Rejection, SessionReport } from '../wire/frames.ts'
import type { EntryRange } from '../wire/entry.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { Pid } from '../../model/pid.ts'

/** A session as its receiver holds it. */
export interface InboundSession {
  readonly pid: Pid
  readonly incarnation: Incarnation
  /** The sender's epoch. */
  readonly epoch: number
  /** Mine: new whenever the sender becomes a member. */
  readonly toEpoch: number
  /** Where the sender can be answered; undefined while it is away. */
  connection: ConnectionId | undefined
  /** Everything up to this number is taken, or rejected. */
  settled: number
  /** Everything up to this number is here. */
  received: number
  /** The bytes of the runs that are here and not yet settled. */
  bufferedBytes: number
  /** What the sender may not know yet; it leaves once the sender says how far it knows. */
  rejections: readonly Rejection[]
  ackPending: boolean
  /** The number that is missing, told once. */
  missingFrom: number | undefined
}

/** Some entries of one session, new and in order, for the inbox to take. */
export interface InboundBatch {
  readonly session: InboundSession
  /** The sequence number of the first entry that is new. */
  readonly first: number
  /** How many entries are new. */
  readonly count: number
  /** How many entries stand before them. */
  readonly skip: number
  /** What it holds of the window until it is settled. */
  readonly bytes: number
  readonly entries: EntryRange
}

const NO_REJECTIONS: readonly Rejection[] = []

/** Begins a session. */
export function createInboundSession({
  pid,
  incarnation,
  epoch,
  toEpoch,
  connection,
}: Pick<
  InboundSession,
  'pid' | 'incarnation' | 'epoch' | 'toEpoch' | 'connection'
>): InboundSession {
  // One by one: a copy of unknown shape would put half of it elsewhere in memory.
  return {
    pid,
    incarnation,
    epoch,
    toEpoch,
    connection,
    settled: 0,
    received: 0,
    bufferedBytes: 0,
    rejections: NO_REJECTIONS,
    ackPending: false,
    missingFrom: undefined,
  }
}

/** What bounds a sender at its receiver. */
export interface InboundLimits {
  readonly windowBytes: number
  readonly maxMessageBytes: number
}

/** So many rejections that the sender shows no knowledge of, and it is not listened to. */
const UNKNOWN_REJECTIONS_MAX = 1_000

/** What a run that is held takes besides its bytes, about: many small ones are bounded as well. */
const BATCH_OVERHEAD_BYTES = 512

/** Its sender takes no note of what was rejected, and is not listened to until it does. */
export function ignoresRejections({ rejections }: InboundSession): boolean {
  return rejections.length > UNKNOWN_REJECTIONS_MAX
}

/** What is here and not taken is dropped, as if it had been lost. */
export function discardUnsettled(session: InboundSession): void {
  session.received = session.settled
  session.bufferedBytes = 0
  session.missingFrom = session.settled + 1
}

/**
 * Takes in a run: what is new in it, if anything is; in any case an acknowledgement is due. One who
 * writes far beyond its credit, or never takes note of what was rejected, has it dropped as if it
 * had been lost.
 */
export function acceptBatch(
  session: InboundSession,
  batch: DataBatch,
  { windowBytes, maxMessageBytes }: InboundLimits,
): InboundBatch | undefined {
  pruneRejections(session, batch.settled)
  const expected = session.received + 1
  const exceedsCredit = session.bufferedBytes > windowBytes + maxMessageBytes
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

/** The next `count` entries are settled, and runs of so many bytes with them. */
export function settleEntries(session: InboundSession, count: number, bytes: number): void {
  session.settled += count
  session.bufferedBytes -= bytes
}

/** Remembers what could not be taken, until the sender knows of it. */
export function addRejections(session: InboundSession, rejections: readonly Rejection[]): void {
  if (rejections.length > 0) session.rejections = session.rejections.concat(rejections)
}

/** Forgets the rejections that the sender knows of. */
export function pruneRejections(session: InboundSession, settled: number): void {
  if (session.rejections.length === 0) return
  session.rejections = session.rejections.filter(({ sequence }) => sequence > settled)
}

/**
 * Tells where a session stands.
 *
 * @param credit bytes that may be written beyond what is settled; 0 while the inbox takes nothing
 */
export function sessionReport(session: InboundSession, credit: number): SessionReport {
  const { pid, epoch, toEpoch, settled, received, rejections } = session
  const gap = session.missingFrom !== undefined
  session.missingFrom = undefined
  return { pid, epoch, toEpoch, settled, received, credit, gap, rejections }
}
