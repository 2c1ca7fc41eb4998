/** Limits: what bounds the queues, the windows and the waiting of a node. */

/**
 * What is dropped when a queue is full: the newest envelope, or the oldest that is not yet written.
 */
export type Overflow = 'drop-newest' | 'drop-oldest'

/** What becomes of unacknowledged envelopes when their receiver comes back as a new incarnation. */
export type OnRestart = 'dead-letter' | 'resend'

/** Every limit of a node. */
export interface Limits {
  /** The first `msgId` that is assigned. */
  readonly startMsgId: number
  /** Envelopes per peer queue, and in the inbox before its first subscriber. */
  readonly bufSize: number
  /** Bytes per peer queue; whichever of the two is reached first. */
  readonly bufBytes: number
  readonly overflow: Overflow
  /**
   * Bytes of unacknowledged mail per session. One envelope may always go when none is outstanding.
   */
  readonly windowBytes: number
  /** The largest encoded message, in bytes. */
  readonly maxMessageBytes: number
  readonly onRestart: OnRestart
  /** How long an envelope may wait to be written, in milliseconds. */
  readonly ttlMs: number
  /** After so many milliseconds without a peer, what it never acknowledged is dead (`unknown`). */
  readonly peerTimeoutMs: number
  /** How long `close` waits for own mail to drain, in milliseconds. */
  readonly closeTimeoutMs: number
  /** How many events the recording of a node holds; 0: it is not recorded. */
  readonly recordEvents: number
  /** Bytes of messages that the recording holds; whichever of the two is reached first. */
  readonly recordBytes: number
}

/** What holds where neither the config nor the options say otherwise. */
export const DEFAULT_LIMITS: Limits = {
  startMsgId: 1000,
  bufSize: 5000,
  bufBytes: 64 * 2 ** 20,
  overflow: 'drop-newest',
  windowBytes: 8 * 2 ** 20,
  maxMessageBytes: 16 * 2 ** 20,
  onRestart: 'dead-letter',
  ttlMs: 30_000,
  peerTimeoutMs: 60_000,
  closeTimeoutMs: 5_000,
  recordEvents: 0,
  recordBytes: 16 * 2 ** 20,
}

const LIMIT_KEYS = Object.keys(DEFAULT_LIMITS) as readonly (keyof Limits)[]

/** The limits alone, of something that has more than them. */
export function limitsOf(source: Limits): Limits {
  return Object.fromEntries(LIMIT_KEYS.map((key) => [key, source[key]])) as unknown as Limits
}
