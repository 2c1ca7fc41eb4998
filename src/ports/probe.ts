/** The probe port: observes the envelopes and events of a node. */
import type { DeadReason, Outcome } from '../model/dead-letter.ts'
import type { Envelope, EnvelopeHeaders, MsgId } from '../model/envelope.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Pid } from '../model/pid.ts'

/** What a sent envelope has beside its message. */
export interface SentHeader {
  readonly msgId: MsgId
  readonly re?: MsgId | undefined
  readonly headers?: EnvelopeHeaders | undefined
  /** Whether it is an error reply: its encoded message is then the error. */
  readonly isError: boolean
}

/**
 * Observes every envelope that a node sends, dead-letters or delivers, for a recorder or the checks
 * of a simulation. Called synchronously: must neither throw nor call the node.
 */
export interface Probe {
  /**
   * An envelope is about to enter the queue of a receiver: once for each receiver of a broadcast,
   * and before any other call for it. Not called for an envelope that cannot be encoded (`invalid`,
   * `not-encodable`, `too-large`).
   *
   * @param decode decodes the message, or the error, as it was when it was sent
   * @param bytes returns the encoded message or error, which may change after this call
   */
  sent(
    to: Pid,
    header: SentHeader,
    decode: () => Pick<Envelope, 'msg' | 'error'>,
    bytes: () => Uint8Array,
  ): void
  /** A sent envelope is a dead letter. */
  dead(to: Pid, msgId: MsgId, reason: DeadReason, outcome: Outcome): void
  /**
   * The inbox takes an envelope: emits it next, or buffers it before its first subscription.
   *
   * @param envelope the application's: it may change after this call
   * @param bytes returns the encoded message or error, which may change after this call
   */
  received(envelope: Envelope, bytes: () => Uint8Array): void
  /**
   * The node emits an event. Unlike a subscription of `node.events`, it does not count as the
   * application's: an error that nothing else would see is still thrown.
   */
  event?(event: NodeEvent): void
}
