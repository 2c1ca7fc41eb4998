/** Deliveries: envelopes whose senders wait for the receipt. */
import { Observable, type Subscriber } from 'rxjs'
import { ClusterError } from '../model/cluster-error.ts'
import type { DeadEntry, Entry } from '../core/entries.ts'
import type { DeadReason, Outcome } from '../model/dead-letter.ts'
import type { Receipt } from '../model/envelope.ts'

/** How a delivery gets its envelope into the queue of its receiver, and out again. */
export interface DeliveryDesk {
  /** Puts it into the queue. The fate may be told before this returns. */
  send(ticket: Delivery): Entry | undefined
  /** Takes it back; false where it has been written. */
  withdraw(entry: Entry, ticket: Delivery): boolean
}

type Fate = { readonly type: 'taken' } | { readonly type: 'unknown'; readonly error: ClusterError }

/**
 * One envelope on its way to one receiver, with everybody who waits for it.
 *
 * It remembers what became of it: whoever subscribes after it was taken gets the receipt at once,
 * and nothing is sent again.
 */
export class Delivery {
  readonly receipts: Observable<Receipt>
  readonly #receipt: Receipt
  readonly #desk: DeliveryDesk
  readonly #waiting = new Set<Subscriber<Receipt>>()
  #entry: Entry | undefined
  #deaths = 0
  #fate: Fate | undefined

  constructor(receipt: Receipt, desk: DeliveryDesk) {
    this.#receipt = receipt
    this.#desk = desk
    this.receipts = new Observable((subscriber) => this.#join(subscriber))
  }

  /** The receiver's inbox has taken it. */
  taken(): void {
    this.#fate = { type: 'taken' }
    this.#entry = undefined
    for (const subscriber of this.#leave()) {
      subscriber.next(this.#receipt)
      subscriber.complete()
    }
  }

  /** It will not arrive, or nobody can tell. */
  died({ reason, outcome, detail }: Pick<DeadEntry, 'reason' | 'outcome' | 'detail'>): void {
    this.#entry = undefined
    this.#deaths++
    const error = deliveryError(this.#receipt, reason, outcome, detail)
    // What truly did not arrive may be sent again by subscribing again; what perhaps did must not.
    if (outcome === 'unknown') this.#fate = { type: 'unknown', error }
    for (const subscriber of this.#leave()) subscriber.error(error)
  }

  #join(subscriber: Subscriber<Receipt>): () => void {
    const fate = this.#fate
    if (fate?.type === 'taken') {
      subscriber.next(this.#receipt)
      subscriber.complete()
    } else if (fate?.type === 'unknown') {
      subscriber.error(fate.error)
    } else {
      this.#waiting.add(subscriber)
      this.#send()
    }
    return () => this.#part(subscriber)
  }

  /** Its end may be told, and it may be sent again, before this returns. */
  #send(): void {
    if (this.#entry !== undefined) return
    const deaths = this.#deaths
    const entry = this.#desk.send(this)
    if (entry !== undefined && deaths === this.#deaths) this.#entry = entry
  }

  #part(subscriber: Subscriber<Receipt>): void {
    if (!this.#waiting.delete(subscriber) || this.#waiting.size > 0) return
    const entry = this.#entry
    if (entry === undefined) return
    // Those who hear of its end may subscribe again at once: then it is sent anew.
    this.#entry = undefined
    if (!this.#desk.withdraw(entry, this)) this.#entry = entry
  }

  #leave(): Subscriber<Receipt>[] {
    const all = [...this.#waiting]
    this.#waiting.clear()
    return all
  }
}

/** What `deliver` errors with. */
export function deliveryError(
  { pid, msgId }: Receipt,
  reason: DeadReason,
  outcome: Outcome,
  detail: string | undefined,
): ClusterError {
  const why = detail === undefined ? reason : `${reason} (${detail})`
  return outcome === 'unknown'
    ? new ClusterError(
        'DELIVERY_UNKNOWN',
        `envelope ${msgId} to ${pid} may or may not have arrived: ${why}`,
      )
    : new ClusterError('NOT_DELIVERED', `envelope ${msgId} to ${pid} did not arrive: ${why}`)
}
