/** The probe: what somebody outside hears of a node's mail, as it happens. */
import type { DeadReason, Outcome } from '../model/dead-letter.ts'
import type { Envelope, MsgId } from '../model/envelope.ts'
import type { Pid } from '../model/pid.ts'

/**
 * Hears of every envelope that a node sends, buries and emits: a recorder, or the checks of a
 * simulation. It is called in the middle of the node's work: it must not throw, and must not touch
 * the node.
 */
export interface Probe {
  /**
   * An envelope is about to enter the queue of a receiver; a broadcast does so once for each. Comes
   * before anything else is told of it. What cannot be stamped (`invalid`, `not-encodable`,
   * `too-large`) is never told.
   *
   * @param decode decodes the message, as it was when it was sent
   * @param bytes the encoded message, lent: it may change when this call is over
   */
  sent(
    to: Pid,
    msgId: MsgId,
    re: MsgId | undefined,
    decode: () => unknown,
    bytes: () => Uint8Array,
  ): void
  /** An envelope that was sent is dead. */
  dead(to: Pid, msgId: MsgId, reason: DeadReason, outcome: Outcome): void
  /**
   * The inbox takes an envelope: it emits it next, heard or not, or, before its first subscription,
   * keeps it for that.
   *
   * @param bytes the encoded message, lent as in `sent`; the envelope becomes the user's, who may
   *   change it
   */
  received(envelope: Envelope, bytes: () => Uint8Array): void
}
