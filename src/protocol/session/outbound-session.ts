/**
 * The sender's end of a session: its queued entries, its unacknowledged entries, and the state of
 * its handshake.
 *
 * A session belongs to an ordered pair of nodes and outlives connections. Its entries are numbered
 * from 1 when they are sent for the first time:
 *
 *     1 … settled | unacked: `written` entries, then entries to write again | queued
 *                     └ sent on the present connection since the last rewind
 */
import type { Incarnation } from '../../model/envelope.ts'
import type { Overflow } from '../../model/limits.ts'
import type { Pid } from '../../model/pid.ts'
import type { LinkState } from '../../model/peer.ts'
import type { NodeKeys } from '../../ports/keys.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { DeadEntry, InDoubt, Entry } from './entries.ts'
import { replyWindowBytes } from './inbound-session.ts'
import { SendBuffer } from './send-buffer.ts'
import { bodyStart, isReply, neededFeatures, sizeOf } from '../wire/entry.ts'
import { FEATURE, FEATURES } from '../wire/features.ts'
import { deadEntry, outcomeOf } from './entries.ts'

/**
 * The handshake of a session: not offered yet, offered in HELLO or JOIN, accepted by WELCOME, or
 * refused by REFUSED.
 */
export type SessionStatus = 'new' | 'requested' | 'established' | 'refused'

/** The limits of a session at its sender, from the config of its node. */
export interface OutboundLimits {
  readonly bufSize: number
  readonly bufBytes: number
  readonly overflow: Overflow
  readonly windowBytes: number
  readonly resendOnRestart: boolean
  readonly peerTimeoutMs: number
}

/** The node that sends, as all its sessions share it. */
export interface LocalNode {
  readonly pid: Pid
  readonly incarnation: Incarnation
  /** Undefined in a cluster without keys. */
  readonly keys?: NodeKeys | undefined
  readonly limits: OutboundLimits
  /** The epoch of the latest session: a later session has a larger epoch. */
  lastEpoch: number
}

/**
 * A session at its sender. It is kept small, because a process with 700 nodes has half a million of
 * them: rare parts are undefined until they are needed.
 *
 * While a link carries the session, between steps:
 *
 *     0 <= settled <= received
 *     0 <= written <= buffer.unacked
 *     unackedBytes = Σ size of the unacked entries
 *     writtenBytes = Σ size of the first `written` of them
 *     queuedBytes = Σ size of the queued entries
 *     queuedReplies = the number of them that are replies
 *     nextExpiryMs <= expiresAtMs of every queued entry
 *     status === 'established' implies disconnectedSinceMs === undefined
 */
export interface OutboundSession {
  readonly localNode: LocalNode
  readonly to: Pid
  /** Notified of settlements and states by the driver of the link; opaque here. */
  readonly observer: unknown
  epoch: number
  status: SessionStatus
  /** The nonce of its last HELLO or JOIN: answers to earlier ones are ignored. */
  nonce: number
  /** When a refused session joins again. */
  retryAtMs: number
  /** Refusals since it was last established. */
  refusalCount: number
  lastRefusal: { readonly reason: RefusalReason; readonly detail: string } | undefined
  /** The link state that was last emitted for this session. */
  reportedState: LinkState
  /** The reason that was emitted with it. */
  reportedReason: string | undefined
  /** The receiver's record that the sequence numbers refer to; undefined before WELCOME. */
  receiver: { readonly incarnation: Incarnation; readonly toEpoch: number } | undefined
  /**
   * Another incarnation of the receiver that has connected to the local node, and since when. It
   * replaces `receiver`, whose connection will end, unless `receiver` answers a later PING.
   */
  successor: { readonly incarnation: Incarnation; readonly sinceMs: number } | undefined
  /** Every entry up to this sequence number is delivered or rejected. */
  settled: number
  /** Every entry up to this sequence number has arrived, by the last report. */
  received: number
  readonly buffer: SendBuffer<Entry>
  unackedBytes: number
  /** The number of unacked entries that were sent since the last rewind. */
  written: number
  writtenBytes: number
  queuedBytes: number
  queuedReplies: number
  inDoubt: InDoubt | undefined
  /** No queued entry expires earlier. */
  nextExpiryMs: number
  /** The bytes that the receiver lets be unacknowledged beyond `settled`. */
  credit: number
  /** The same for a reply. */
  replyCredit: number
  /** What the receiver accepts; `ANYTHING` before the first WELCOME. */
  accepts: Acceptance
  /** Counts rewinds: frames of an earlier generation are no longer on the wire. */
  generation: number
  /** The rewinds for a gap since a PONG has shown that what was on the wire has arrived. */
  gapRewinds: number
  /** When the last of them was. */
  gapRewoundMs: number
  /** The last entry sent before the last PING. If it has not arrived by PONG, it is lost. */
  sentBeforePing: number
  /** Whether a report has come since the last PING. */
  reportedSincePing: boolean
  /** The entry whose round trip is being measured, or 0, and when it was sent. */
  rttSequence: number
  rttStartMs: number
  roundTripMs: number | undefined
  /** Since when entries are unacked, the receiver grants credit, and nothing was settled. */
  stalledSinceMs: number
  /** Since when it is not established; undefined while it is. */
  disconnectedSinceMs: number | undefined
}

/** What a receiver accepts, by its WELCOME. */
export interface Acceptance {
  readonly maxMessageBytes: number
  readonly maxMessageValues: number
  /** The bits of `FEATURE` that both ends have. */
  readonly features: number
}

/** Before a receiver has stated its limits. */
const ANYTHING: Acceptance = {
  maxMessageBytes: 2 ** 31 - 1,
  maxMessageValues: 2 ** 31 - 1,
  features: FEATURES,
}

/** Creates a session without entries, with a new epoch. */
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
    reportedReason: undefined,
    receiver: undefined,
    successor: undefined,
    settled: 0,
    received: 0,
    buffer: new SendBuffer(),
    unackedBytes: 0,
    written: 0,
    writtenBytes: 0,
    queuedBytes: 0,
    queuedReplies: 0,
    inDoubt: undefined,
    nextExpiryMs: Infinity,
    credit: 0,
    replyCredit: 0,
    accepts: ANYTHING,
    generation: 0,
    gapRewinds: 0,
    gapRewoundMs: 0,
    sentBeforePing: 0,
    reportedSincePing: false,
    rttSequence: 0,
    rttStartMs: 0,
    roundTripMs: undefined,
    stalledSinceMs: 0,
    disconnectedSinceMs: nowMs,
  }
}

/** Returns the number of entries that are neither delivered nor dead, queued ones included. */
export function inFlight(session: OutboundSession): number {
  return session.buffer.length
}

/**
 * Appends an entry to the queue.
 *
 * @returns the entries that are dead because of it: the entry itself, if it is too large for the
 *   receiver, is for an incarnation that is gone, or the overflow policy is `drop-newest`; or the
 *   oldest queued ones
 */
export function enqueue(session: OutboundSession, entry: Entry): readonly DeadEntry[] {
  const bytes = sizeOf(entry)
  const unacceptable = unacceptableEntry(session, entry)
  if (unacceptable !== undefined) return [unacceptable]
  if (entry.toIncarnation !== undefined && isGone(session, entry.toIncarnation)) {
    return [peerRestarted(session, entry)]
  }
  const dropped = fits(session, bytes) ? NONE_DROPPED : makeRoom(session, entry)
  if (dropped.at(-1)?.entry === entry) return dropped
  session.buffer.push(entry)
  session.queuedBytes += bytes
  if (isReply(entry)) session.queuedReplies++
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

/** Drops the oldest queued entries until `entry` fits, or drops `entry`, by overflow policy. */
function makeRoom(session: OutboundSession, entry: Entry): DeadEntry[] {
  const deadEntries: DeadEntry[] = []
  while (!fits(session, sizeOf(entry))) {
    const detail = queueFullDetail(session)
    const dropsNewest = session.localNode.limits.overflow === 'drop-newest'
    const dropped = dropsNewest ? entry : session.buffer.dropOldestQueued()
    deadEntries.push(deadEntry(dropped, 'queue-full', outcomeOf(session.inDoubt, dropped), detail))
    if (dropsNewest) return deadEntries
    uncountQueued(session, dropped)
  }
  return deadEntries
}

/** Removes an entry that is still queued; returns undefined if it was sent or has ended. */
export function cancel(session: OutboundSession, entry: Entry): DeadEntry | undefined {
  const removed = session.buffer.retain((other) => other !== entry)
  if (removed.length === 0) return undefined
  uncountQueued(session, entry)
  return deadEntry(entry, 'cancelled', outcomeOf(session.inDoubt, entry))
}

/** Removes the queued entries that have expired. */
export function expire(session: OutboundSession, nowMs: number): DeadEntry[] {
  if (nowMs < session.nextExpiryMs) return []
  session.nextExpiryMs = Infinity
  const expired = session.buffer.retain((entry) => {
    if (entry.expiresAtMs <= nowMs) return false
    if (entry.expiresAtMs < session.nextExpiryMs) session.nextExpiryMs = entry.expiresAtMs
    return true
  })
  for (const entry of expired) uncountQueued(session, entry)
  return expired.map((entry) => deadEntry(entry, 'expired', outcomeOf(session.inDoubt, entry)))
}

/**
 * Returns the next entry to write and counts it as written; undefined if there is none, window or
 * credit is used up, or it is for the successor of the receiver. One entry larger than the window
 * may be unacknowledged alone. A reply overtakes queued entries that wait for credit.
 */
export function sendNext(session: OutboundSession): Entry | undefined {
  const toResend = session.buffer.at(session.written)
  if (toResend !== undefined) {
    // It had credit when it was numbered, and the entries behind it wait for it.
    if (!fitsWindow(session, toResend, replyWindow(session))) return undefined
    return countWritten(session, toResend)
  }
  const next = session.buffer.queuedAt(0)
  if (next === undefined) return undefined
  if (mayNumber(session, next)) return numberNext(session, next)
  if (session.queuedReplies === 0 || isReply(next)) return undefined
  const index = session.buffer.findQueued(isReply)
  const reply = session.buffer.queuedAt(index)
  if (reply === undefined || !mayNumber(session, reply)) return undefined
  session.buffer.promote(index)
  return numberNext(session, reply)
}

function mayNumber(session: OutboundSession, entry: Entry): boolean {
  if (entry.toIncarnation !== undefined && !isForReceiver(session, entry)) return false
  const { limits } = session.localNode
  const window = isReply(entry)
    ? replyWindow(session)
    : Math.min(limits.windowBytes, session.credit)
  return fitsWindow(session, entry, window)
}

function replyWindow({ localNode: { limits }, replyCredit }: OutboundSession): number {
  return Math.min(replyWindowBytes(limits.windowBytes), replyCredit)
}

function fitsWindow({ writtenBytes }: OutboundSession, entry: Entry, window: number): boolean {
  return writtenBytes + sizeOf(entry) <= window || (writtenBytes === 0 && window > 0)
}

function numberNext(session: OutboundSession, entry: Entry): Entry {
  session.buffer.markSent()
  uncountQueued(session, entry)
  session.unackedBytes += sizeOf(entry)
  return countWritten(session, entry)
}

function countWritten(session: OutboundSession, entry: Entry): Entry {
  session.written++
  session.writtenBytes += sizeOf(entry)
  return entry
}

function uncountQueued(session: OutboundSession, entry: Entry): void {
  session.queuedBytes -= sizeOf(entry)
  if (isReply(entry)) session.queuedReplies--
}

/** Removes the queued entries that the receiver would reject, by its WELCOME. */
export function dropUnacceptable(session: OutboundSession): DeadEntry[] {
  const deadEntries: DeadEntry[] = []
  const removed = session.buffer.retain((entry) => {
    const dead = unacceptableEntry(session, entry)
    if (dead !== undefined) deadEntries.push(dead)
    return dead === undefined
  })
  for (const entry of removed) uncountQueued(session, entry)
  return deadEntries
}

function unacceptableEntry(session: OutboundSession, entry: Entry): DeadEntry | undefined {
  const { to, accepts, inDoubt } = session
  const { maxMessageBytes, maxMessageValues, features } = accepts
  if (sizeOf(entry) > maxMessageBytes && bodyBytes(entry) > maxMessageBytes) {
    const detail = `${bodyBytes(entry)} bytes exceed the ${maxMessageBytes} that peer ${to} accepts`
    return deadEntry(entry, 'too-large', outcomeOf(inDoubt, entry), detail)
  }
  const { values = 0 } = entry
  if (values > maxMessageValues) {
    const limit = `the ${maxMessageValues} that peer ${to} accepts`
    const detail = `${values} keys and values exceed ${limit}`
    return deadEntry(entry, 'too-complex', outcomeOf(inDoubt, entry), detail)
  }
  const missing = neededFeatures(entry) & ~features
  if (missing === 0) return undefined
  const what = (missing & FEATURE.headers) === 0 ? 'error replies' : 'headers'
  const detail = `peer ${to} runs an implementation without ${what}`
  return deadEntry(entry, 'unsupported', outcomeOf(inDoubt, entry), detail)
}

/**
 * Notes that a peer has connected to the local node: an incarnation that is not the receiver is its
 * successor. Entries for it wait until this session reaches it.
 */
export function noteIncarnation(
  session: OutboundSession,
  incarnation: Incarnation,
  nowMs: number,
): void {
  if (session.receiver === undefined || session.receiver.incarnation === incarnation) return
  session.successor = { incarnation, sinceMs: nowMs }
}

/** Removes the queued entries for incarnations other than the receiver: it is the living one. */
export function dropForOthers(session: OutboundSession): DeadEntry[] {
  session.successor = undefined
  const others = session.buffer.retain((entry) => isForReceiver(session, entry))
  for (const entry of others) uncountQueued(session, entry)
  return others.map((entry) => peerRestarted(session, entry))
}

function isForReceiver({ receiver }: OutboundSession, { toIncarnation }: Entry): boolean {
  return toIncarnation === undefined || toIncarnation === receiver?.incarnation
}

/** While the session is not established, the next WELCOME decides. */
function isGone({ status, receiver, successor }: OutboundSession, toIncarnation: Incarnation) {
  if (status !== 'established' || toIncarnation === receiver?.incarnation) return false
  return toIncarnation !== successor?.incarnation
}

function peerRestarted(session: OutboundSession, entry: Entry): DeadEntry {
  const { to, receiver, inDoubt } = session
  const present = `which runs as ${receiver?.incarnation} now`
  const detail = `it is for incarnation ${entry.toIncarnation} of peer ${to}, ${present}`
  return deadEntry(entry, 'peer-restarted', outcomeOf(inDoubt, entry), detail)
}

function bodyBytes(entry: Entry): number {
  return entry.end - bodyStart(entry)
}

function queueFullDetail(session: OutboundSession): string {
  const { buffer, queuedBytes, to } = session
  return `${buffer.queued} envelopes with ${queuedBytes} bytes are queued for peer ${to}`
}
