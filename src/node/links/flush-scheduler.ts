/** Decides when the queued entries of a link are written. */
import type { Environment } from '../../ports/environment.ts'

/** The first flush before the end of a task comes after this many awaited envelopes. */
const EAGER_MIN = 16
/** The last one comes after this many more: a flood then travels in large frames. */
const EAGER_MAX = 32

/**
 * Flushes after the current task.
 *
 * Of envelopes whose sender waits for a receipt or reply, the first 16 and the next 32 leave within
 * the task, so that the receiver can work in parallel.
 */
export class FlushScheduler<Context> {
  readonly #environment: Environment
  readonly #flush: (context: Context) => void
  readonly #context: Context
  #isScheduled = false
  #eagerCount = 0
  #eagerLimit = EAGER_MIN

  /** @param context passed to `flush`, so that half a million links share one function */
  constructor(environment: Environment, flush: (context: Context) => void, context: Context) {
    this.#environment = environment
    this.#flush = flush
    this.#context = context
  }

  /** Flushes after the current task. */
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

  /** Counts one more queued envelope. @param awaited whether its sender waits */
  enqueued(awaited: boolean): void {
    this.schedule()
    if (!awaited || ++this.#eagerCount < this.#eagerLimit) return
    this.#eagerCount = 0
    this.#eagerLimit = this.#eagerLimit < EAGER_MAX ? this.#eagerLimit * 2 : Infinity
    const flush = this.#flush
    flush(this.#context)
  }
}
