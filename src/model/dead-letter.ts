/** Dead letters: envelopes that will not be delivered, each with its reason. */
import type { OutgoingEnvelope } from './envelope.ts'

/** Why an envelope is dead. */
export type DeadReason =
  /** The envelope is not an object, or its `pid`, `msgId`, `re` or `ttlMs` is invalid. */
  | 'invalid'
  /** The node has no such peer. */
  | 'unknown-pid'
  /** Addressed to the node itself. */
  | 'self'
  /** A value of the message cannot be encoded; `detail` names its path. */
  | 'not-encodable'
  /** The message exceeds `maxMessageBytes` of the sender or the receiver. */
  | 'too-large'
  /** The message has more keys and values than `maxMessageValues`; `detail` names the path. */
  | 'too-complex'
  /** The queue for the receiver is full (`bufSize`, `bufBytes`). */
  | 'queue-full'
  /** The envelope was queued for longer than its `ttlMs`. */
  | 'expired'
  /** The last subscriber of its `deliver` unsubscribed before it was sent. */
  | 'cancelled'
  /** The receiver was removed from `peers`. */
  | 'peer-removed'
  /** The receiver returned as a new incarnation without having acknowledged it. */
  | 'peer-restarted'
  /** The receiver was unreachable for `peerTimeoutMs`. */
  | 'peer-timeout'
  /** It has headers or is an error reply, and the receiver's implementation lacks them. */
  | 'unsupported'
  /** The receiver rejected it; `detail` says why. */
  | 'rejected'
  /** This node was closed. */
  | 'closed'

/** Whether a dead letter arrived: certainly not, or unknown because it was sent. */
export type Outcome = 'not-delivered' | 'unknown'

/** An envelope that will not be delivered. A broadcast yields one for each receiver. */
export interface DeadLetter {
  /**
   * The envelope as it was when it entered the outbox, with the receiver as `pid` and the assigned
   * `msgId`.
   */
  readonly envelope: OutgoingEnvelope
  readonly reason: DeadReason
  readonly outcome: Outcome
  /** Details for people: the path of the value, the limit, the size. */
  readonly detail?: string | undefined
}
