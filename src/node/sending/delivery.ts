/** Deliveries: envelopes whose senders wait for the receipt. */
import { Observable, type Subscriber } from 'rxjs'
import { ClusterError } from '../../model/cluster-error.ts'
import type { DeadEntry, Entry } from '../../protocol/session/entries.ts'
import type { DeadReason, Outcome } from '../../model/dead-letter.ts'
import type { Receipt } from '../../model/envelope.ts'

/** How a delivery gets its envelope into the queue of its receiver, and out again. */
export interface DeliveryQueue {
  /** Puts it into the queue. The fate may be told before this returns. */
  send(delivery: Delivery): Entry | undefined
  /** Takes it back; false where it has been written. */
  cancel(entry: Entry, delivery: Delivery): boolean
}

type Result =
  { readonly type: 'delivered' } | { readonly type: 'unknown'; readonly error: ClusterError }

/**
 * One envelope on its way to one receiver, with everybody who waits for it.
 *
 * It remembers what became of it: whoever subscribes after it was taken gets the receipt at once,
 * and nothing is sent again.
 */
export class Delivery {
  readonly receipts: Observable<Receipt>
  readonly #receipt: Receipt
  readonly #queue: DeliveryQueue
  readonly #subscribers = new Set<Subscriber<Receipt>>()
  #entry: Entry | undefined
  #failures = 0
  #result: Result | undefined

  constructor(receipt: Receipt, queue: DeliveryQueue) {
    this.#receipt = receipt
    this.#queue = queue
    this.receipts = new Observable((subscriber) => this.#subscribe(subscriber))
  }

  /** The receiver's inbox has taken it. */
  delivered(): void {
    this.#result = { type: 'delivered' }
    this.#entry = undefined
    for (const subscriber of this.#takeSubscribers()) {
      subscriber.next(this.#receipt)
      subscriber.complete()
    }
  }

  /** It will not arrive, or nobody can tell. */
  failed({ reason, outcome, detail }: Pick<DeadEntry, 'reason' | 'outcome' | 'detail'>): void {
    this.#entry = undefined
    this.#failures++
    const error = deliveryError(this.#receipt, reason, outcome, detail)
    // What truly did not arrive may be sent again by subscribing again; what perhaps did must not.
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

  /** Its end may be told, and it may be sent again, before this returns. */
  #send(): void {
    if (this.#entry !== undefined) return
    const failures = this.#failures
    const entry = this.#queue.send(this)
    if (entry !== undefined && failures === this.#failures) this.#entry = entry
  }

  #unsubscribe(subscriber: Subscriber<Receipt>): void {
    if (!this.#subscribers.delete(subscriber) || this.#subscribers.size > 0) return
    const entry = this.#entry
    if (entry === undefined) return
    // Those who hear of its end may subscribe again at once: then it is sent anew.
    this.#entry = undefined
    if (!this.#queue.cancel(entry, this)) this.#entry = entry
  }

  #takeSubscribers(): Subscriber<Receipt>[] {
    const subscribers = [...this.#subscribers]
    this.#subscribers.clear()
    return subscribers
  }
}

/** What `deliver` errors with. */
export function deliveryError(
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
