/** The pace of a writer: when what is waiting is written. */
import type { Environment } from '../ports/environment.ts'

/** So many envelopes that somebody waits for do not wait for the piece of work to be done. */
const FIRST_PUTS = 16
/** After so many more they do after all: a flood travels in large frames. */
const LAST_PUTS = 32

/**
 * Flushes once the present piece of work is done. Of those that somebody waits for, the first
 * sixteen leave at once, and the next thirty-two, so that the other end has something to do
 * meanwhile.
 */
export class FlushPace<Owner> {
  readonly #environment: Environment
  readonly #flush: (owner: Owner) => void
  readonly #owner: Owner
  #due = false
  #puts = 0
  #putsMax = FIRST_PUTS

  /** @param owner is told to `flush`: hundreds of thousands of owners may share one function */
  constructor(environment: Environment, flush: (owner: Owner) => void, owner: Owner) {
    this.#environment = environment
    this.#flush = flush
    this.#owner = owner
  }

  /** There is something to write. */
  soon(): void {
    if (this.#due) return
    this.#due = true
    this.#environment.soon(() => {
      this.#due = false
      this.#puts = 0
      this.#putsMax = FIRST_PUTS
      const flush = this.#flush
      flush(this.#owner)
    })
  }

  /** There is one envelope more to write, and somebody may wait for it. */
  put(awaited: boolean): void {
    this.soon()
    if (!awaited || ++this.#puts < this.#putsMax) return
    this.#puts = 0
    this.#putsMax = this.#putsMax < LAST_PUTS ? this.#putsMax * 2 : Infinity
    const flush = this.#flush
    flush(this.#owner)
  }
}
