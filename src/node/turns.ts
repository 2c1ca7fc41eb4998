/** Taking turns: what comes in the middle of a piece of work waits until that is done. */

/** Works things off one after the other. */
export class Turns<T, Owner> {
  readonly #owner: Owner
  readonly #work: (item: T, owner: Owner) => void
  #queue: T[] | undefined = undefined
  #working = false

  /** @param owner is told to `work`: hundreds of thousands of owners may share one function */
  constructor(work: (item: T, owner: Owner) => void, owner: Owner) {
    this.#work = work
    this.#owner = owner
  }

  /** Works it off now, or as soon as its turn comes. */
  take(item: T): void {
    if (this.#working) {
      this.#queue ??= []
      this.#queue.push(item)
      return
    }
    this.#working = true
    const work = this.#work
    try {
      work(item, this.#owner)
      while (this.#queue !== undefined && this.#queue.length > 0) {
        work(this.#queue.shift() as T, this.#owner)
      }
    } finally {
      this.#working = false
    }
  }
}
