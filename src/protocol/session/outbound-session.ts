/**
 * The sender's end of a session: what waits, what is written and not yet acknowledged, and what
 * became of the rest.
 *
 * A session belongs to an ordered pair of nodes and outlives connections. Its entries are numbered
 * from 1:
 *
 *     1 … settled | unacked: written ones, then ones to write again | waiting
 *                              └ `written` of them went out on the present connection
 */
import type { Incarnation } from '../../model/envelope.ts'
import type { Overflow } from '../../model/limits.ts'
import type { Pid } from '../../model/pid.ts'
import type { LinkState } from '../../model/peer.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { DeadEntry, InDoubt, Entry } from './entries.ts'
import { SendBuffer } from './send-buffer.ts'
import { bodyStart, sizeOf } from '../wire/entry.ts'
import { deadEntry, outcomeOf } from './entries.ts'

/** How a session stands with its receiver. */
export type SessionStatus = 'new' | 'requested' | 'established' | 'refused'

/** What bounds a session at its sender. */
export interface OutboundLimits {
  readonly bufSize: number
  readonly bufBytes: number
  readonly overflow: Overflow
  readonly windowBytes: number
  readonly resendOnRestart: boolean
  readonly peerTimeoutMs: number
}

/** What all the sessions of a node share. */
export interface LocalNode {
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly limits: OutboundLimits
  /** Numbers its sessions: the later one has the larger epoch. */
  lastEpoch: number
}

/**
 * A session as its sender holds it. A process with 700 nodes has half a million of them: it is kept
 * small, and what is rare is undefined until it comes.
 */
export interface OutboundSession {
  readonly localNode: LocalNode
  readonly to: Pid
  /** Whoever is told what becomes of it; opaque here. */
  readonly observer: unknown
  epoch: number
  status: SessionStatus
  /** What it last asked with: only an answer to that counts. */
  nonce: number
  /** When to ask again, while refused. */
  retryAtMs: number
  /** Refusals in a row, and what the last of them was for. */
  refusalCount: number
  lastRefusal: RefusalReason | undefined
  /** How the link stands for this session, as it was last told. */
  reportedState: LinkState
  /** Whom the numbers are counted with; undefined before the first WELCOME. */
  receiver: { readonly incarnation: Incarnation; readonly toEpoch: number } | undefined
  settled: number
  /** How far it has arrived, as the receiver last told. */
  received: number
  /** What is written and not acknowledged, and what waits. */
  readonly buffer: SendBuffer<Entry>
  unackedBytes: number
  written: number
  writtenBytes: number
  queuedBytes: number
  /** Undefined for none. */
  inDoubt: InDoubt | undefined
  /** No waiting entry is older than this. */
  nextExpiryMs: number
  credit: number
  /** The largest message that the receiver takes; unknown before the first WELCOME. */
  maxMessageBytes: number
  /** Counts its rewinds: what was written in an earlier lap is not under way any more. */
  generation: number
  /** The last number written before the last PING: if it has not arrived by PONG, it is lost. */
  sentBeforePing: number
  /** The receiver has spoken of this session since the last PING. */
  reportedSincePing: boolean
  /** The number whose round trip is being timed, 0 for none, and since when. */
  rttSequence: number
  rttStartMs: number
  roundTripMs: number | undefined
  /**
   * Since when something is unacknowledged although the receiver gives credit and nothing of it was
   * settled.
   */
  stalledSinceMs: number
  /** Since when it has not been welcome; undefined while it is. */
  disconnectedSinceMs: number | undefined
}

/** A message may be so large before anybody has said otherwise. */
const SIZE_UNKNOWN = 2 ** 31 - 1

/** Begins a session. */
export function createOutboundSession(
  localNode: LocalNode,
  to: Pid,
  nowMs: number,
  observer: unknown = undefined,
): OutboundSession {
  return {
    localNode,
    to,
    observer,
    epoch: ++localNode.lastEpoch,
    status: 'new',
    nonce: 0,
    retryAtMs: 0,
    refusalCount: 0,
    lastRefusal: undefined,
    reportedState: 'connecting',
    receiver: undefined,
    settled: 0,
    received: 0,
    buffer: new SendBuffer(),
    unackedBytes: 0,
    written: 0,
    writtenBytes: 0,
    queuedBytes: 0,
    inDoubt: undefined,
    nextExpiryMs: Infinity,
    credit: 0,
    maxMessageBytes: SIZE_UNKNOWN,
    generation: 0,
    sentBeforePing: 0,
    reportedSincePing: false,
    rttSequence: 0,
    rttStartMs: 0,
    roundTripMs: undefined,
    stalledSinceMs: 0,
    disconnectedSinceMs: nowMs,
  }
}

/** Entries that are neither delivered nor dead. */
export function inFlight(session: OutboundSession): number {
  return session.buffer.length
}

/**
 * Puts an entry at the end of the queue.
 *
 * @returns what had to go: this one, if the receiver does not take anything so large or the queue
 *   is full and drops the newest; or the oldest ones that are not yet written
 */
export function enqueue(session: OutboundSession, entry: Entry): readonly DeadEntry[] {
  const bytes = sizeOf(entry)
  if (bytes > session.maxMessageBytes && bodyBytes(entry) > session.maxMessageBytes) {
    return [tooLarge(session, entry)]
  }
  const dropped = fits(session, bytes) ? NONE_DROPPED : makeRoom(session, entry)
  if (dropped.at(-1)?.entry === entry) return dropped
  session.buffer.push(entry)
  session.queuedBytes += bytes
  if (entry.expiresAtMs < session.nextExpiryMs) session.nextExpiryMs = entry.expiresAtMs
  return dropped
}

const NONE_DROPPED: readonly DeadEntry[] = []

function fits(
  { buffer, queuedBytes, localNode: { limits } }: OutboundSession,
  bytes: number,
): boolean {
  if (buffer.queued >= limits.bufSize) return false
  return queuedBytes + bytes <= limits.bufBytes || buffer.queued === 0
}

/** Drops what the overflow policy says, until the entry fits, or the entry itself. */
function makeRoom(session: OutboundSession, entry: Entry): DeadEntry[] {
  const deadEntries: DeadEntry[] = []
  while (!fits(session, sizeOf(entry))) {
    const detail = queueFullDetail(session)
    const dropsNewest = session.localNode.limits.overflow === 'drop-newest'
    const dropped = dropsNewest ? entry : session.buffer.dropOldestQueued()
    deadEntries.push(deadEntry(dropped, 'queue-full', outcomeOf(session.inDoubt, dropped), detail))
    if (dropsNewest) return deadEntries
    session.queuedBytes -= sizeOf(dropped)
  }
  return deadEntries
}

/** Takes back an entry that has not been written; nothing where it is too late. */
export function cancel(session: OutboundSession, entry: Entry): DeadEntry | undefined {
  const removed = session.buffer.retain((other) => other !== entry)
  if (removed.length === 0) return undefined
  session.queuedBytes -= sizeOf(entry)
  return deadEntry(entry, 'cancelled', outcomeOf(session.inDoubt, entry))
}

/** Takes out what has waited too long. */
export function expire(session: OutboundSession, nowMs: number): DeadEntry[] {
  if (nowMs < session.nextExpiryMs) return []
  session.nextExpiryMs = Infinity
  const expired = session.buffer.retain((entry) => {
    if (entry.expiresAtMs <= nowMs) return false
    if (entry.expiresAtMs < session.nextExpiryMs) session.nextExpiryMs = entry.expiresAtMs
    return true
  })
  for (const entry of expired) session.queuedBytes -= sizeOf(entry)
  return expired.map((entry) => deadEntry(entry, 'expired', outcomeOf(session.inDoubt, entry)))
}

/** The next entry to write, if window and credit let it go; it is then counted as written. */
export function sendNext(session: OutboundSession): Entry | undefined {
  const toResend = session.buffer.at(session.written)
  const entry = toResend ?? session.buffer.queuedAt(0)
  if (entry === undefined) return undefined
  const window = Math.min(session.localNode.limits.windowBytes, session.credit)
  const fitsWindow = session.writtenBytes + sizeOf(entry) <= window
  if (!fitsWindow && !(session.writtenBytes === 0 && window > 0)) return undefined
  if (toResend === undefined) {
    session.buffer.markSent()
    session.queuedBytes -= sizeOf(entry)
    session.unackedBytes += sizeOf(entry)
  }
  session.written++
  session.writtenBytes += sizeOf(entry)
  return entry
}

/** Gives up what is waiting and larger than the receiver takes. */
export function dropOversized(session: OutboundSession): DeadEntry[] {
  const withinLimit = (entry: Entry): boolean => bodyBytes(entry) <= session.maxMessageBytes
  const oversized = session.buffer.retain(withinLimit)
  for (const entry of oversized) session.queuedBytes -= sizeOf(entry)
  return oversized.map((entry) => tooLarge(session, entry))
}

function tooLarge(session: OutboundSession, entry: Entry): DeadEntry {
  const detail = `${bodyBytes(entry)} bytes, and peer ${session.to} takes ${session.maxMessageBytes}`
  return deadEntry(entry, 'too-large', outcomeOf(session.inDoubt, entry), detail)
}

function bodyBytes(entry: Entry): number {
  return entry.end - bodyStart(entry)
}

function queueFullDetail(session: OutboundSession): string {
  return `${session.buffer.queued} envelopes, ${session.queuedBytes} bytes wait for peer ${session.to}`
}
