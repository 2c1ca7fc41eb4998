/** A subject whose subscribers all see the same order, whatever they do while they are told. */
import { Subject } from 'rxjs'
import { Turns } from './turns.ts'

/** Stands among the values for the end. */
const END = Symbol('end')

/**
 * A Subject that queues a `next` which comes while another one is being told.
 *
 *     a plain Subject tells the second subscriber   2 1   when the first one answers 1 with 2
 *     this one tells                                1 2
 */
export class OrderedSubject<T> extends Subject<T> {
  readonly #turns: Turns<T | typeof END, undefined>
  readonly #first: ((value: T) => void) | undefined

  /** @param first is told each value before any subscriber is */
  constructor(first?: (value: T) => void) {
    super()
    this.#first = first
    this.#turns = new Turns((value) => {
      if (value === END) {
        super.complete()
        return
      }
      first?.(value)
      if (this.observed) super.next(value)
    }, undefined)
  }

  override next(value: T): void {
    // Half a million links come up, and nobody listens to their events.
    if (this.observed || this.#first !== undefined) this.#turns.take(value)
  }

  /** Completes when everything has been told that came before. */
  override complete(): void {
    this.#turns.take(END)
  }
}
