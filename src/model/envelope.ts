/** Envelopes: what goes into an outbox and what comes out of an inbox. */
import type { Pid } from './pid.ts'

/**
 * Names one message to its sender: an integer from 0 to 2⁵³ − 1. Opaque to the library: it is
 * carried, never interpreted.
 */
export type MsgId = number

/**
 * Names one life of a node: drawn at random when it starts, so that a restarted peer is a new one.
 * 16 hex digits.
 */
export type Incarnation = string

/** What the inbox emits: a message and who sent it. */
export interface Envelope<T = unknown> {
  /** The sender. */
  readonly pid: Pid
  /**
   * The sender's life: two envelopes of one pid with different incarnations come from different
   * processes.
   */
  readonly incarnation: Incarnation
  /**
   * The sender's name for this message, unique in its incarnation unless the application chose
   * otherwise.
   */
  readonly msgId: MsgId
  /** The `msgId` of mine that this one answers, if it answers one. */
  readonly re?: MsgId
  readonly msg: T
}

/** What the outbox takes: a message and who is to receive it. */
export interface OutgoingEnvelope<T = unknown> {
  /** The receiver, or `BROADCAST`. */
  readonly pid: Pid
  readonly msg: T
  /** Assigned from `startMsgId` upward where it is left out. */
  readonly msgId?: MsgId
  /** The `msgId` of the envelope that this one answers. */
  readonly re?: MsgId
  /**
   * How long it may wait to be written, in milliseconds of the sender's monotonic clock. Default:
   * the config's `ttlMs`.
   */
  readonly ttlMs?: number
}

/** What `deliver` emits: the peer's inbox has taken the envelope. */
export interface Receipt {
  readonly pid: Pid
  readonly msgId: MsgId
}

/** Tells whether a value can name a message. */
export function isMsgId(value: unknown): value is MsgId {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/**
 * Addresses an answer: to the sender of `envelope`, with its `msgId` as `re`.
 *
 * @param envelope what is answered; only `pid` and `msgId` are read
 * @param msg the answer
 */
export function reply<T>(envelope: Pick<Envelope, 'pid' | 'msgId'>, msg: T): OutgoingEnvelope<T> {
  return { pid: envelope.pid, re: envelope.msgId, msg }
}
