/** A delivery: an envelope to one receiver, and the subscribers that wait for its receipt. */
import type { DeadEntry, Entry } from '../../protocol/session/entries.ts'
import type { DeadReason, Outcome } from '../../model/dead-letter.ts'
import { Observable, type Subscriber } from 'rxjs'
import { ClusterError } from '../../model/cluster-error.ts'
import type { EncodedEnvelope } from './envelope-encoder.ts'
import type { Pid } from '../../model/pid.ts'
import type { Receipt } from '../../model/envelope.ts'

/** Puts the entries of deliveries into the queues of their receivers. */
export interface DeliveryQueue {
  /**
   * Sends the envelope of a delivery; may call `failed` before it returns.
   *
   * @returns its entry; undefined where it was not queued
   */
  sendDelivery(delivery: Delivery): Entry | undefined
  /** Cancels an entry. @returns false where it has been sent */
  cancelDelivery(delivery: Delivery, entry: Entry): boolean
}

type Result =
  { readonly type: 'delivered' } | { readonly type: 'unknown'; readonly error: ClusterError }

/**
 * Sends its envelope at the first subscription. A later subscriber joins it, and one that comes
 * after a final result gets that result: nothing is sent again.
 */
export class Delivery {
  readonly pid: Pid
  readonly encoded: EncodedEnvelope
  readonly receipts: Observable<Receipt>
  readonly #queue: DeliveryQueue
  readonly #subscribers = new Set<Subscriber<Receipt>>()
  #entry: Entry | undefined
  #failures = 0
  #result: Result | undefined

  constructor(encoded: EncodedEnvelope, pid: Pid, queue: DeliveryQueue) {
    this.pid = pid
    this.encoded = encoded
    this.#queue = queue
    this.receipts = new Observable((subscriber) => this.#subscribe(subscriber))
  }

  get #receipt(): Receipt {
    return { pid: this.pid, msgId: this.encoded.msgId }
  }

  /** The inbox of the receiver has taken the envelope. */
  delivered(): void {
    this.#result = { type: 'delivered' }
    this.#entry = undefined
    for (const subscriber of this.#takeSubscribers()) {
      subscriber.next(this.#receipt)
      subscriber.complete()
    }
  }

  /** The envelope is dead: it did not arrive, or its outcome is unknown. */
  failed({ reason, outcome, detail }: Pick<DeadEntry, 'reason' | 'outcome' | 'detail'>): void {
    this.#entry = undefined
    this.#failures++
    const error = deliveryError(this.#receipt, reason, outcome, detail)
    // An envelope that did not arrive may be sent again. One that may have arrived must not.
    if (outcome === 'unknown') this.#result = { type: 'unknown', error }
    for (const subscriber of this.#takeSubscribers()) subscriber.error(error)
  }

  #subscribe(subscriber: Subscriber<Receipt>): () => void {
    const result = this.#result
    if (result?.type === 'delivered') {
      subscriber.next(this.#receipt)
      subscriber.complete()
    } else if (result?.type === 'unknown') {
      subscriber.error(result.error)
    } else {
      this.#subscribers.add(subscriber)
      this.#send()
    }
    return () => this.#unsubscribe(subscriber)
  }

  /** It may fail, and a subscriber may send it again, before `sendDelivery` returns. */
  #send(): void {
    if (this.#entry !== undefined) return
    const failures = this.#failures
    const entry = this.#queue.sendDelivery(this)
    if (entry !== undefined && failures === this.#failures) this.#entry = entry
  }

  #unsubscribe(subscriber: Subscriber<Receipt>): void {
    if (!this.#subscribers.delete(subscriber) || this.#subscribers.size > 0) return
    const entry = this.#entry
    if (entry === undefined) return
    // A subscriber of its dead letter may subscribe again at once: that must send a new entry.
    this.#entry = undefined
    if (!this.#queue.cancelDelivery(this, entry)) this.#entry = entry
  }

  #takeSubscribers(): Subscriber<Receipt>[] {
    const subscribers = [...this.#subscribers]
    this.#subscribers.clear()
    return subscribers
  }
}

function deliveryError(
  { pid, msgId }: Receipt,
  reason: DeadReason,
  outcome: Outcome,
  detail: string | undefined,
): ClusterError {
  const cause = detail === undefined ? reason : `${reason} (${detail})`
  return outcome === 'unknown'
    ? new ClusterError(
        'DELIVERY_UNKNOWN',
        `envelope ${msgId} to ${pid} may or may not have arrived: ${cause}`,
      )
    : new ClusterError('NOT_DELIVERED', `envelope ${msgId} to ${pid} did not arrive: ${cause}`)
}
