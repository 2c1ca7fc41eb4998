/** The post office as seen from a composition of streams. */
import type { BehaviorSubject, Observable, Observer } from 'rxjs'
import type { Envelope, MsgId, OutgoingEnvelope, Receipt } from '../model/envelope.ts'
import type { Links, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'

/**
 * What operators and consensus code take: never a whole node. A node is one; so is a hand-made
 * object in a test.
 */
export interface Mailbox {
  readonly pid: Pid
  /** Hot: what peers sent. */
  readonly inbox: Observable<Envelope>
  /** What is put here goes to its receiver. */
  readonly outbox: Observer<OutgoingEnvelope>
  /** Everyone but me. */
  readonly peers: Pick<BehaviorSubject<Peers>, 'value'> & Observable<Peers>
  /** How the link to each of them stands. */
  readonly links: Pick<BehaviorSubject<Links>, 'value'> & Observable<Links>
  /**
   * Cold: emits a receipt and completes when the receiver's inbox has taken the envelope; errors
   * when it never will.
   */
  deliver(envelope: OutgoingEnvelope): Receipts
}

/** Receipts to come, and what the envelope is called: that is settled before anybody subscribes. */
export interface Receipts extends Observable<Receipt> {
  /** Undefined where it cannot even be sent, or the post office does not tell. */
  readonly msgId?: MsgId | undefined
}
