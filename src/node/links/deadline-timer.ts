/** A timer for one deadline that moves often. */
import type { Environment } from '../../ports/environment.ts'
import type { Subscription } from 'rxjs'

/** Calls `onDue` once the deadline has passed. */
export class DeadlineTimer<Context> {
  readonly #environment: Environment
  readonly #onDue: (lagMs: number, context: Context) => void
  readonly #context: Context
  #timer: Subscription | undefined
  #timerDueMs = Infinity
  #deadlineMs = Infinity

  /**
   * @param onDue called with the lag behind the deadline
   * @param context passed to `onDue`, so that half a million timers share one function
   */
  constructor(
    environment: Environment,
    onDue: (lagMs: number, context: Context) => void,
    context: Context,
  ) {
    this.#environment = environment
    this.#onDue = onDue
    this.#context = context
  }

  /**
   * Replaces the deadline.
   *
   * A later deadline costs nothing: the running timer fires too early, and starts again. So frames,
   * each of which moves the deadline of its link, start no timers.
   */
  set(deadlineMs: number): void {
    this.#deadlineMs = deadlineMs
    if (deadlineMs >= this.#timerDueMs) return
    this.#timer?.unsubscribe()
    this.#start()
  }

  cancel(): void {
    this.#timer?.unsubscribe()
    this.#timerDueMs = Infinity
    this.#deadlineMs = Infinity
  }

  #start(): void {
    this.#timerDueMs = this.#deadlineMs
    if (this.#deadlineMs === Infinity) return
    const delayMs = Math.max(0, Math.ceil(this.#deadlineMs - this.#environment.monotonicMs()))
    this.#timer = this.#environment.scheduler.schedule<DeadlineTimer<Context>>(fire, delayMs, this)
  }

  fire(): void {
    const lateMs = this.#environment.monotonicMs() - this.#deadlineMs
    this.#timerDueMs = Infinity
    if (lateMs < 0) {
      this.#start()
      return
    }
    this.#deadlineMs = Infinity
    const onDue = this.#onDue
    onDue(lateMs, this.#context)
  }
}

function fire(timer?: { fire(): void }): void {
  timer?.fire()
}
