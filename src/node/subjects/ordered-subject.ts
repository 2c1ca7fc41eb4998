/** A subject whose subscribers all see the same order, whatever they do while they are told. */
import { Subject } from 'rxjs'
import { SerialQueue } from './serial-queue.ts'

/** Stands among the values for the end. */
const END = Symbol('end')

/**
 * A Subject that queues a `next` which comes while another one is being told.
 *
 *     a plain Subject tells the second subscriber   2 1   when the first one answers 1 with 2
 *     this one tells                                1 2
 */
export class OrderedSubject<T> extends Subject<T> {
  readonly #queue: SerialQueue<T | typeof END, undefined>
  readonly #onNext: ((value: T) => void) | undefined

  /** @param onNext is told each value before any subscriber is */
  constructor(onNext?: (value: T) => void) {
    super()
    this.#onNext = onNext
    this.#queue = new SerialQueue((value) => {
      if (value === END) {
        super.complete()
        return
      }
      onNext?.(value)
      if (this.observed) super.next(value)
    }, undefined)
  }

  override next(value: T): void {
    // Half a million links come up, and nobody listens to their events.
    if (this.observed || this.#onNext !== undefined) this.#queue.run(value)
  }

  /** Completes when everything has been told that came before. */
  override complete(): void {
    this.#queue.run(END)
  }
}
