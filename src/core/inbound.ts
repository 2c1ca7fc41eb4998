/** The receiver's end of a session: one small record per member. */
import type { DataRun, Rejection, SessionReport } from './wire/frames.ts'
import type { EntryRange } from './wire/entry.ts'
import type { Incarnation } from '../model/envelope.ts'
import type { Pid } from '../model/pid.ts'

/** Names an accepted connection; opaque. */
export type ConnectionId = string

/** A session as its receiver holds it. */
export interface Inbound {
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
  heldBytes: number
  /** What the sender may not know yet; it leaves once the sender says how far it knows. */
  rejections: readonly Rejection[]
  ackDue: boolean
  /** The number that is missing, told once. */
  gap: number | undefined
}

/** Some entries of one session, new and in order, for the inbox to take. */
export interface Run {
  readonly session: Inbound
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
export function openInbound({
  pid,
  incarnation,
  epoch,
  toEpoch,
  connection,
}: Pick<Inbound, 'pid' | 'incarnation' | 'epoch' | 'toEpoch' | 'connection'>): Inbound {
  // One by one: a copy of unknown shape would put half of it elsewhere in memory.
  return {
    pid,
    incarnation,
    epoch,
    toEpoch,
    connection,
    settled: 0,
    received: 0,
    heldBytes: 0,
    rejections: NO_REJECTIONS,
    ackDue: false,
    gap: undefined,
  }
}

/** What bounds a sender at its receiver. */
export interface InboundLimits {
  readonly windowBytes: number
  readonly maxMessageBytes: number
}

/** So many rejections that the sender shows no knowledge of, and it is not listened to. */
const REJECTIONS_MAX = 1_000

/** What a run that is held takes besides its bytes, about: many small ones are bounded as well. */
const RUN_BYTES = 512

/** Its sender takes no note of what was rejected, and is not listened to until it does. */
export function isDeaf({ rejections }: Inbound): boolean {
  return rejections.length > REJECTIONS_MAX
}

/** What is here and not taken is dropped, as if it had been lost. */
export function drop(session: Inbound): void {
  session.received = session.settled
  session.heldBytes = 0
  session.gap = session.settled + 1
}

/**
 * Takes in a run: what is new in it, if anything is; in any case an acknowledgement is due. One who
 * writes far beyond its credit, or never takes note of what was rejected, has it dropped as if it
 * had been lost.
 */
export function accept(
  session: Inbound,
  run: DataRun,
  { windowBytes, maxMessageBytes }: InboundLimits,
): Run | undefined {
  forget(session, run.settled)
  const expected = session.received + 1
  const full = session.heldBytes > windowBytes + maxMessageBytes
  if (run.first > expected || full || isDeaf(session)) {
    session.gap = expected
    return undefined
  }
  const skip = expected - run.first
  const count = run.count - skip
  if (count <= 0) return undefined
  session.received += count
  session.gap = undefined
  const bytes = bytesOf(run) + RUN_BYTES
  session.heldBytes += bytes
  return { session, first: expected, count, skip, bytes, entries: run }
}

function bytesOf({ parts, offset, end, part, ownParts }: EntryRange): number {
  let bytes = end - offset
  for (let own = 0; own < ownParts; own++) bytes += parts[part + own]?.length ?? 0
  return bytes
}

/** The next `count` entries are settled, and runs of so many bytes with them. */
export function settle(session: Inbound, count: number, bytes: number): void {
  session.settled += count
  session.heldBytes -= bytes
}

/** Remembers what could not be taken, until the sender knows of it. */
export function reject(session: Inbound, rejections: readonly Rejection[]): void {
  if (rejections.length > 0) session.rejections = session.rejections.concat(rejections)
}

/** Forgets the rejections that the sender knows of. */
export function forget(session: Inbound, settled: number): void {
  if (session.rejections.length === 0) return
  session.rejections = session.rejections.filter(({ sequence }) => sequence > settled)
}

/**
 * Tells where a session stands.
 *
 * @param credit bytes that may be written beyond what is settled; 0 while the inbox takes nothing
 */
export function report(session: Inbound, credit: number): SessionReport {
  const { pid, epoch, toEpoch, settled, received, rejections } = session
  const gap = session.gap !== undefined
  session.gap = undefined
  return { pid, epoch, toEpoch, settled, received, credit, gap, rejections }
}
