/**
 * Emits the events of a node; `report` throws the error of an event that the application does not
 * subscribe to.
 */
import { Observable } from 'rxjs'
import { EventLimit, isBounded } from './event-limit.ts'
import type { NodeEvent } from '../model/node-event.ts'
import { OrderedSubject } from './subjects/ordered-subject.ts'

/** An event that carries an error which the caller can handle, too. */
type ErrorEvent = Extract<NodeEvent, { readonly type: 'peers-refused' | 'outbox-error' }>

/** The recorder subscribes to it directly, the application to `published`. */
export class NodeEvents extends OrderedSubject<NodeEvent> {
  readonly #limit: EventLimit
  #listeners = 0

  constructor(monotonicMs: () => number) {
    super()
    this.#limit = new EventLimit(monotonicMs)
  }

  /** The events for the application. */
  readonly published = new Observable<NodeEvent>((subscriber) => {
    this.#listeners++
    subscriber.add(() => this.#listeners--)
    return this.subscribe(subscriber)
  })

  override next(event: NodeEvent): void {
    const emitted = isBounded(event) ? this.#limit.admit(event) : event
    if (emitted !== undefined) super.next(emitted)
  }

  /**
   * Emits an event whose error is thrown where no application would see it.
   *
   * @throws the error of the event where the application does not listen
   */
  report(event: ErrorEvent): void {
    const isObserved = this.#listeners > 0
    this.next(event)
    if (!isObserved && !this.isStopped) throw event.error
  }
}
