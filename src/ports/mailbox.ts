/** The mailbox port: what operators and protocols need of a node. */
import type { BehaviorSubject, Observable, Observer } from 'rxjs'
import type { Envelope, MsgId, OutgoingEnvelope, Receipt } from '../model/envelope.ts'
import type { Links, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'

/** Waits for the replies to requests. */
export interface ReplyConsumer {
  /** Returns whether a request to this peer waits for this reply. */
  expects(pid: Pid, re: MsgId): boolean
  /** Takes a reply that it expects. */
  reply(envelope: Envelope): void
  /** Called when the node closes: no reply will come. */
  closed(): void
}

/**
 * The part of a node that operators and protocols use. A test can pass a plain object.
 *
 * `In` is the type of the messages in the inbox, `Out` that of the messages for the outbox. Those
 * of a node are unknown; `typed` makes a mailbox whose messages are decoded.
 */
export interface Mailbox<In = unknown, Out = unknown> {
  readonly pid: Pid
  /** Hot: envelopes from peers. */
  readonly inbox: Observable<Envelope<In>>
  /** Sends each envelope to its receiver. */
  readonly outbox: Observer<OutgoingEnvelope<Out>>
  /** The other members of the cluster. */
  readonly peers: Pick<BehaviorSubject<Peers>, 'value'> & Observable<Peers>
  /** The link to each peer, and its state. */
  readonly links: Observable<Links> & { readonly value: Links }
  /**
   * Emits once and completes when the node has closed; so it does at once for a later subscriber.
   * `takeUntil(mailbox.closed)` ends a stream with the node.
   */
  readonly closed: Observable<void>
  /**
   * Lazy: sends at the first subscription. Emits a receipt and completes when the receiver's inbox
   * has taken the envelope; errors when the envelope is a dead letter.
   */
  deliver(envelope: OutgoingEnvelope<Out>): Receipts
  /**
   * Gives the replies of a peer that `consumer` expects to it instead of the inbox: on arrival,
   * also while the inbox is paused or buffers. So a reply can overtake earlier envelopes of that
   * peer.
   * `request` uses it; in a mailbox without it, `request` takes its replies from the inbox.
   *
   * @returns stops it; works once
   */
  consumeReplies?(pid: Pid, consumer: ReplyConsumer): () => void
}

/** The receipts of one envelope, whose id is known before the first subscription. */
export interface Receipts extends Observable<Receipt> {
  /** Undefined for an invalid envelope, or where the mailbox does not provide it. */
  readonly msgId?: MsgId | undefined
}
