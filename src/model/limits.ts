/** The limits of a node: queues, windows and timeouts. */

/** Which envelope a full queue drops: the new one, or the oldest that is not sent yet. */
export type Overflow = 'drop-newest' | 'drop-oldest'

/** What happens to unacknowledged envelopes when their receiver returns as a new incarnation. */
export type OnRestart = 'dead-letter' | 'resend'

/** Every limit of a node. */
export interface Limits {
  /** The first `msgId` that is assigned. */
  readonly startMsgId: number
  /** Envelopes per peer queue, and in the inbox before its first subscription. */
  readonly bufSize: number
  /** Bytes per peer queue. */
  readonly bufBytes: number
  readonly overflow: Overflow
  /** Unacknowledged bytes per session. One envelope may exceed it if no other is outstanding. */
  readonly windowBytes: number
  /** The largest encoded message, in bytes. */
  readonly maxMessageBytes: number
  /** The keys and values of the largest message. What they take to decode blocks the event loop. */
  readonly maxMessageValues: number
  readonly onRestart: OnRestart
  /** How long an envelope may wait to be sent, in milliseconds. */
  readonly ttlMs: number
  /** How long a peer may be unreachable until its unacknowledged envelopes are dead letters. */
  readonly peerTimeoutMs: number
  /** How long `close` waits for outgoing envelopes to be settled, in milliseconds. */
  readonly closeTimeoutMs: number
  /** Events that the recording of a node holds; 0 records none. */
  readonly recordEvents: number
  /** Bytes of messages that the recording of a node holds. */
  readonly recordBytes: number
}

/** Some limits of a node; the others have their defaults. `undefined` counts as left out. */
export type LimitOptions = { readonly [K in keyof Limits]?: Limits[K] | undefined }

/** The limits of a config that sets none. */
export const DEFAULT_LIMITS: Limits = {
  startMsgId: 1000,
  bufSize: 5000,
  bufBytes: 64 * 2 ** 20,
  overflow: 'drop-newest',
  windowBytes: 8 * 2 ** 20,
  maxMessageBytes: 16 * 2 ** 20,
  maxMessageValues: 2 ** 16,
  onRestart: 'dead-letter',
  ttlMs: 30_000,
  peerTimeoutMs: 60_000,
  closeTimeoutMs: 5_000,
  recordEvents: 0,
  recordBytes: 16 * 2 ** 20,
}

const LIMIT_KEYS = Object.keys(DEFAULT_LIMITS) as readonly (keyof Limits)[]

/** Returns only the limits of an object that has other fields, too. */
export function limitsOf(source: Limits): Limits {
  return Object.fromEntries(LIMIT_KEYS.map((key) => [key, source[key]])) as unknown as Limits
}
