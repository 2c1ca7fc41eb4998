/** The outbox: a Subject that survives whatever is connected to it. */
import type { OutgoingEnvelope } from '../../model/envelope.ts'
import { OrderedSubject } from '../subjects/ordered-subject.ts'

/** What the outbox tells the node. */
export interface OutboxHandler {
  send(value: unknown): void
  error(error: unknown): void
}

/**
 * Takes outgoing envelopes. `of(1, 2).pipe(toPeer(2)).subscribe(node.outbox)` completes and must
 * not silence the node: `complete()` and `unsubscribe()` change nothing, `error(e)` becomes an
 * event, and only the node ends it.
 */
export class Outbox extends OrderedSubject<OutgoingEnvelope> {
  readonly #handler: OutboxHandler

  constructor(handler: OutboxHandler) {
    super((envelope) => handler.send(envelope))
    this.#handler = handler
  }

  override complete(): void {
    // Its user has finished; the node has not.
  }

  override error(error: unknown): void {
    this.#handler.error(error)
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
