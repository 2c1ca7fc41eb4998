/** A Subject whose subscribers all see the same order, even when one of them calls `next`. */
import { Subject } from 'rxjs'
import { SerialQueue } from './serial-queue.ts'

/** In the queue, the end of the subject. */
const END = Symbol('end')

/**
 * A Subject that queues a `next` that comes from within another one.
 *
 *     the first subscriber answers 1 with 2
 *     the second subscriber of a Subject sees        2 1
 *     the second subscriber of an OrderedSubject     1 2
 */
export class OrderedSubject<T> extends Subject<T> {
  readonly #queue: SerialQueue<T | typeof END, undefined>

  constructor() {
    super()
    this.#queue = new SerialQueue((value) => {
      if (value === END) super.complete()
      else super.next(value)
    }, undefined)
  }

  override next(value: T): void {
    // Half a million links come up in a large process, and their events have no subscriber.
    if (this.observed) this.#queue.run(value)
  }

  /** Completes after the values that came before. */
  override complete(): void {
    this.#queue.run(END)
  }
}
