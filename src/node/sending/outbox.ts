/** The outbox of a node: a Subject that only the node can end. */
import { type Observer, Subject, Subscription } from 'rxjs'
import type { Dispatcher } from './dispatcher.ts'
import type { NodeEvents } from '../node-events.ts'
import type { OutgoingEnvelope } from '../../model/envelope.ts'
import { SerialQueue } from '../subjects/serial-queue.ts'
import { hasObserver } from '../subjects/has-observer.ts'

/** In the queue, the end of the outbox. */
const END = Symbol('end')

/**
 * Passes envelopes to the dispatcher, and then to its own subscribers.
 *
 * `of(1, 2).pipe(toPeer(2)).subscribe(node.outbox)` completes, and the node must still send after
 * that. So `complete()` and `unsubscribe()` change nothing, and `error(e)` becomes an event; where
 * nothing subscribes to `events`, it throws `e`.
 *
 * A `next` from within a `next` waits in a queue, so that all subscribers see the same order.
 */
export class Outbox extends Subject<OutgoingEnvelope> {
  readonly #dispatcher: Dispatcher
  readonly #events: Pick<NodeEvents, 'report'>
  readonly #queue: SerialQueue<OutgoingEnvelope | typeof END, Outbox>

  constructor(dispatcher: Dispatcher, events: Pick<NodeEvents, 'report'>) {
    super()
    this.#dispatcher = dispatcher
    this.#events = events
    this.#queue = new SerialQueue<OutgoingEnvelope | typeof END, Outbox>(Outbox.#send, this)
  }

  static #send(this: void, envelope: OutgoingEnvelope | typeof END, outbox: Outbox): void {
    if (envelope === END) {
      outbox.#completeSubscribers()
      return
    }
    outbox.#dispatcher.dispatch(envelope)
    if (outbox.observed) outbox.#emit(envelope)
  }

  override subscribe(
    observer?: Partial<Observer<OutgoingEnvelope>> | ((value: OutgoingEnvelope) => void),
  ): Subscription
  /** @deprecated as in RxJS: pass an observer */
  override subscribe(
    next?: ((value: OutgoingEnvelope) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription
  override subscribe(...args: unknown[]): Subscription {
    if (!hasObserver(args)) return Subscription.EMPTY
    return super.subscribe(...(args as [Partial<Observer<OutgoingEnvelope>>]))
  }

  override next(envelope: OutgoingEnvelope): void {
    this.#queue.run(envelope)
  }

  override complete(): void {
    // The stream that was subscribed has completed, not the node.
  }

  override error(error: unknown): void {
    this.#events.report({ type: 'outbox-error', error })
  }

  /** RxJS calls it when the stream of `tap(node.outbox)` ends: to `tap`, it is an observer. */
  override unsubscribe(): void {
    // The stream has ended, not the node.
  }

  /** Completes the subscribers: the node has closed. */
  end(): void {
    this.#queue.run(END)
  }

  #emit(envelope: OutgoingEnvelope): void {
    super.next(envelope)
  }

  #completeSubscribers(): void {
    super.complete()
  }
}
