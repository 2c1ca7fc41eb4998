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
import type { Incarnation } from '../model/envelope.ts'
import type { Overflow } from '../model/limits.ts'
import type { Pid } from '../model/pid.ts'
import type { LinkState } from '../model/peer.ts'
import type { RefusalReason } from '../model/node-event.ts'
import type { DeadEntry, Doubtful, Entry } from './entries.ts'
import { SendBuffer } from './send-buffer.ts'
import { bodyStart, sizeOf } from './wire/entry.ts'
import { dead, outcomeOf } from './entries.ts'

/** How a session stands with its receiver. */
export type Standing = 'new' | 'asked' | 'welcome' | 'refused'

/** What bounds a session at its sender. */
export interface OutboundLimits {
  readonly bufSize: number
  readonly bufBytes: number
  readonly overflow: Overflow
  readonly windowBytes: number
  readonly resendOnRestart: boolean
  readonly peerGoneMs: number
}

/** What all the sessions of a node share. */
export interface Sender {
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
export interface Outbound {
  readonly sender: Sender
  readonly to: Pid
  /** Whoever is told what becomes of it; opaque here. */
  readonly owner: unknown
  epoch: number
  standing: Standing
  /** What it last asked with: only an answer to that counts. */
  nonce: number
  /** When to ask again, while refused. */
  askAtMs: number
  /** Refusals in a row, and what the last of them was for. */
  refusals: number
  refusedFor: RefusalReason | undefined
  /** How the link stands for this session, as it was last told. */
  state: LinkState
  /** Whom the numbers are counted with; undefined before the first WELCOME. */
  receiver: { readonly incarnation: Incarnation; readonly toEpoch: number } | undefined
  settled: number
  /** How far it has arrived, as the receiver last told. */
  received: number
  /** What is written and not acknowledged, and what waits. */
  readonly mail: SendBuffer<Entry>
  unackedBytes: number
  written: number
  writtenBytes: number
  waitingBytes: number
  /** Undefined for none. */
  doubtful: Doubtful | undefined
  /** No waiting entry is older than this. */
  nextExpiryMs: number
  credit: number
  /** The largest message that the receiver takes; unknown before the first WELCOME. */
  maxMessageBytes: number
  /** Counts its rewinds: what was written in an earlier lap is not under way any more. */
  lap: number
  /** The last number written before the last PING: if it has not arrived by PONG, it is lost. */
  pingMark: number
  /** The receiver has spoken of this session since the last PING. */
  reported: boolean
  /** The number whose round trip is being timed, 0 for none, and since when. */
  timedEnd: number
  timedSinceMs: number
  roundTripMs: number | undefined
  /**
   * Since when something is unacknowledged although the receiver gives credit and nothing of it was
   * settled.
   */
  stalledSinceMs: number
  /** Since when it has not been welcome; undefined while it is. */
  awaySinceMs: number | undefined
}

/** A message may be so large before anybody has said otherwise. */
const ANY_SIZE = 2 ** 31 - 1

/** Begins a session. */
export function openOutbound(
  sender: Sender,
  to: Pid,
  nowMs: number,
  owner: unknown = undefined,
): Outbound {
  return {
    sender,
    to,
    owner,
    epoch: ++sender.lastEpoch,
    standing: 'new',
    nonce: 0,
    askAtMs: 0,
    refusals: 0,
    refusedFor: undefined,
    state: 'connecting',
    receiver: undefined,
    settled: 0,
    received: 0,
    mail: new SendBuffer(),
    unackedBytes: 0,
    written: 0,
    writtenBytes: 0,
    waitingBytes: 0,
    doubtful: undefined,
    nextExpiryMs: Infinity,
    credit: 0,
    maxMessageBytes: ANY_SIZE,
    lap: 0,
    pingMark: 0,
    reported: false,
    timedEnd: 0,
    timedSinceMs: 0,
    roundTripMs: undefined,
    stalledSinceMs: 0,
    awaySinceMs: nowMs,
  }
}

/** Entries that are neither delivered nor dead. */
export function inFlight(out: Outbound): number {
  return out.mail.length
}

/**
 * Puts an entry at the end of the queue.
 *
 * @returns what had to go: this one, if the receiver does not take anything so large or the queue
 *   is full and drops the newest; or the oldest ones that are not yet written
 */
export function enqueue(out: Outbound, entry: Entry): readonly DeadEntry[] {
  const bytes = sizeOf(entry)
  if (bytes > out.maxMessageBytes && bodyBytes(entry) > out.maxMessageBytes) {
    return [tooLarge(out, entry)]
  }
  const gone = fits(out, bytes) ? NOBODY : makeRoom(out, entry)
  if (gone.at(-1)?.entry === entry) return gone
  out.mail.push(entry)
  out.waitingBytes += bytes
  if (entry.expiresAtMs < out.nextExpiryMs) out.nextExpiryMs = entry.expiresAtMs
  return gone
}

const NOBODY: readonly DeadEntry[] = []

function fits({ mail, waitingBytes, sender: { limits } }: Outbound, bytes: number): boolean {
  if (mail.waiting >= limits.bufSize) return false
  return waitingBytes + bytes <= limits.bufBytes || mail.waiting === 0
}

/** Drops what the overflow policy says, until the entry fits, or the entry itself. */
function makeRoom(out: Outbound, entry: Entry): DeadEntry[] {
  const gone: DeadEntry[] = []
  while (!fits(out, sizeOf(entry))) {
    const detail = queueFull(out)
    const newest = out.sender.limits.overflow === 'drop-newest'
    const full = newest ? entry : out.mail.drop()
    gone.push(dead(full, 'queue-full', outcomeOf(out.doubtful, full), detail))
    if (newest) return gone
    out.waitingBytes -= sizeOf(full)
  }
  return gone
}

/** Takes back an entry that has not been written; nothing where it is too late. */
export function withdraw(out: Outbound, entry: Entry): DeadEntry | undefined {
  const taken = out.mail.retain((other) => other !== entry)
  if (taken.length === 0) return undefined
  out.waitingBytes -= sizeOf(entry)
  return dead(entry, 'withdrawn', outcomeOf(out.doubtful, entry))
}

/** Takes out what has waited too long. */
export function expire(out: Outbound, nowMs: number): DeadEntry[] {
  if (nowMs < out.nextExpiryMs) return []
  out.nextExpiryMs = Infinity
  const old = out.mail.retain((entry) => {
    if (entry.expiresAtMs <= nowMs) return false
    if (entry.expiresAtMs < out.nextExpiryMs) out.nextExpiryMs = entry.expiresAtMs
    return true
  })
  for (const entry of old) out.waitingBytes -= sizeOf(entry)
  return old.map((entry) => dead(entry, 'expired', outcomeOf(out.doubtful, entry)))
}

/** The next entry to write, if window and credit let it go; it is then counted as written. */
export function writeNext(out: Outbound): Entry | undefined {
  const again = out.mail.at(out.written)
  const entry = again ?? out.mail.waitingAt(0)
  if (entry === undefined) return undefined
  const window = Math.min(out.sender.limits.windowBytes, out.credit)
  const fits = out.writtenBytes + sizeOf(entry) <= window
  if (!fits && !(out.writtenBytes === 0 && window > 0)) return undefined
  if (again === undefined) {
    out.mail.send()
    out.waitingBytes -= sizeOf(entry)
    out.unackedBytes += sizeOf(entry)
  }
  out.written++
  out.writtenBytes += sizeOf(entry)
  return entry
}

/** Gives up what is waiting and larger than the receiver takes. */
export function giveUpLarge(out: Outbound): DeadEntry[] {
  const fits = (entry: Entry): boolean => bodyBytes(entry) <= out.maxMessageBytes
  const large = out.mail.retain(fits)
  for (const entry of large) out.waitingBytes -= sizeOf(entry)
  return large.map((entry) => tooLarge(out, entry))
}

function tooLarge(out: Outbound, entry: Entry): DeadEntry {
  const detail = `${bodyBytes(entry)} bytes, and peer ${out.to} takes ${out.maxMessageBytes}`
  return dead(entry, 'too-large', outcomeOf(out.doubtful, entry), detail)
}

function bodyBytes(entry: Entry): number {
  return entry.end - bodyStart(entry)
}

function queueFull(out: Outbound): string {
  return `${out.mail.waiting} envelopes, ${out.waitingBytes} bytes wait for peer ${out.to}`
}
