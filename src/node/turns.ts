/** Taking turns: what comes in the middle of a piece of work waits until that is done. */

/** Works things off one after the other. */
export class Turns<T> {
  readonly #work: (item: T) => void
  /** None in most, and there are as many as links. */
  #queue: T[] | undefined
  #working = false

  constructor(work: (item: T) => void) {
    this.#work = work
  }

  /** Works it off now, or as soon as its turn comes. */
  take(item: T): void {
    if (this.#working) {
      this.#queue ??= []
      this.#queue.push(item)
      return
    }
    this.#working = true
    try {
      this.#work(item)
      while (this.#queue !== undefined && this.#queue.length > 0) {
        this.#work(this.#queue.shift() as T)
      }
    } finally {
      this.#working = false
    }
  }
}
