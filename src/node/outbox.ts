/** The outbox: a Subject that survives whatever is connected to it. */
import type { OutgoingEnvelope } from '../model/envelope.ts'
import { OrderedSubject } from './ordered-subject.ts'

/** What the outbox tells the node. */
export interface OutboxOwner {
  post(value: unknown): void
  failed(error: unknown): void
}

/**
 * Takes outgoing envelopes. `of(1, 2).pipe(toPeer(2)).subscribe(node.outbox)` completes and must
 * not silence the node: `complete()` and `unsubscribe()` change nothing, `error(e)` becomes an
 * event, and only the node ends it.
 */
export class Outbox extends OrderedSubject<OutgoingEnvelope> {
  readonly #owner: OutboxOwner

  constructor(owner: OutboxOwner) {
    super((envelope) => owner.post(envelope))
    this.#owner = owner
  }

  override complete(): void {
    // Its user has finished; the node has not.
  }

  override error(error: unknown): void {
    this.#owner.failed(error)
  }

  /** `tap(node.outbox)` calls it when its stream ends: RxJS takes it for a handler of `tap`. */
  override unsubscribe(): void {
    // Its user has gone; the node has not.
  }

  /** Ends it: the node closes. */
  end(): void {
    super.complete()
  }
}
