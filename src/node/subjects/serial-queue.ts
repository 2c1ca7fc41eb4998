/** A queue that prevents re-entrant calls: an item that comes during the work on another waits. */

/**
 * Works on one item at a time, in the order of their `run`.
 *
 * Assumes that `work` does not throw while items are queued: they wait for the next `run` then, and
 * follow its item.
 */
export class SerialQueue<T, Context> {
  readonly #context: Context
  readonly #work: (item: T, context: Context) => void
  #queue: T[] | undefined = undefined
  #running = false

  /** @param context passed to `work`, so that half a million queues share one function */
  constructor(work: (item: T, context: Context) => void, context: Context) {
    this.#work = work
    this.#context = context
  }

  /** Works on the item now, or after those that came before. */
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
