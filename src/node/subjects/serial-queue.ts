/** A queue that prevents re-entrant calls. */

/**
 * Works on one item at a time, in the order of their `run`.
 *
 * Where `work` throws, the items behind it still have their turn, and `run` throws the first error
 * after them: a left-over item would otherwise follow one that came later.
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
    let thrown: { readonly error: unknown } | undefined
    try {
      work(item, this.#context)
    } catch (error) {
      thrown = { error }
    }
    while (this.#queue !== undefined && this.#queue.length > 0) {
      try {
        work(this.#queue.shift() as T, this.#context)
      } catch (error) {
        thrown ??= { error }
      }
    }
    this.#running = false
    if (thrown !== undefined) throw thrown.error
  }
}
