/** Taking turns: what comes in the middle of a piece of work waits until that is done. */

/** Works things off one after the other. */
export class SerialQueue<T, Context> {
  readonly #context: Context
  readonly #work: (item: T, context: Context) => void
  #queue: T[] | undefined = undefined
  #running = false

  /** @param context is told to `work`: hundreds of thousands of owners may share one function */
  constructor(work: (item: T, context: Context) => void, context: Context) {
    this.#work = work
    this.#context = context
  }

  /** Works it off now, or as soon as its turn comes. */
  run(item: T): void {
    if (this.#running) {
      this.#queue ??= []
      this.#queue.push(item)
      return
    }
    this.#running = true
    const work = this.#work
    try {
      work(item, this.#context)
      while (this.#queue !== undefined && this.#queue.length > 0) {
        work(this.#queue.shift() as T, this.#context)
      }
    } finally {
      this.#running = false
    }
  }
}
