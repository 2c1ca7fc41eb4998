/** The pace of a writer: when what is waiting is written. */
import type { Environment } from '../../ports/environment.ts'

/** So many envelopes that somebody waits for do not wait for the piece of work to be done. */
const EAGER_MIN = 16
/** After so many more they do after all: a flood travels in large frames. */
const EAGER_MAX = 32

/**
 * Flushes once the present piece of work is done. Of those that somebody waits for, the first
 * sixteen leave at once, and the next thirty-two, so that the other end has something to do
 * meanwhile.
 */
export class FlushScheduler<Context> {
  readonly #environment: Environment
  readonly #flush: (context: Context) => void
  readonly #context: Context
  #isScheduled = false
  #eagerCount = 0
  #eagerLimit = EAGER_MIN

  /** @param context is told to `flush`: hundreds of thousands of owners may share one function */
  constructor(environment: Environment, flush: (context: Context) => void, context: Context) {
    this.#environment = environment
    this.#flush = flush
    this.#context = context
  }

  /** There is something to write. */
  schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#environment.microtask(() => {
      this.#isScheduled = false
      this.#eagerCount = 0
      this.#eagerLimit = EAGER_MIN
      const flush = this.#flush
      flush(this.#context)
    })
  }

  /** There is one envelope more to write, and somebody may wait for it. */
  enqueued(awaited: boolean): void {
    this.schedule()
    if (!awaited || ++this.#eagerCount < this.#eagerLimit) return
    this.#eagerCount = 0
    this.#eagerLimit = this.#eagerLimit < EAGER_MAX ? this.#eagerLimit * 2 : Infinity
    const flush = this.#flush
    flush(this.#context)
  }
}
