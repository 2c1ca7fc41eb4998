/** Dead letters: the envelopes that will not arrive, each with its reason. */
import type { OutgoingEnvelope } from './envelope.ts'

/** Why an envelope is dead. */
export type DeadReason =
  /** It is not an object, or its `pid`, `msgId`, `re` or `ttlMs` is not what it must be. */
  | 'invalid'
  /** No such peer. */
  | 'unknown-pid'
  /** Addressed to the node itself. */
  | 'self'
  /** Its message holds something that MessagePack cannot carry; `detail` names the path. */
  | 'not-encodable'
  /** Its message is over `maxMessageBytes`, mine or the receiver's. */
  | 'too-large'
  /** The queue of its receiver is full (`bufSize`, `bufBytes`). */
  | 'queue-full'
  /** It waited longer than its `ttlMs`. */
  | 'expired'
  /** The last subscriber of its `deliver` left before it was written. */
  | 'cancelled'
  /** The receiver was removed from `peers`. */
  | 'peer-removed'
  /** The receiver came back as a new incarnation before it acknowledged. */
  | 'peer-restarted'
  /** The receiver has not come back within `peerGoneMs`. */
  | 'peer-timeout'
  /** The receiver could not take it; `detail` says why. */
  | 'rejected'
  /** This node was closed. */
  | 'closed'

/**
 * What is known of a dead envelope: `not-delivered` truly did not arrive; `unknown` was written and
 * never acknowledged.
 */
export type Outcome = 'not-delivered' | 'unknown'

/**
 * An envelope that will not arrive, and why. A dead broadcast is one dead letter for each receiver.
 */
export interface DeadLetter {
  /**
   * What was sent, as it was when it entered the outbox: `pid` is the receiver, `msgId` is filled
   * in.
   */
  readonly envelope: OutgoingEnvelope
  readonly reason: DeadReason
  readonly outcome: Outcome
  /** More about the reason, for people: the failing path, the limit and the size. */
  readonly detail?: string
}
