/** An alarm clock: rings once at the earliest moment that it was set to. */
import type { Environment } from '../../ports/environment.ts'
import type { Subscription } from 'rxjs'

/** Wakes a state machine at the moment it asks for. */
export class DeadlineTimer<Context> {
  readonly #environment: Environment
  readonly #onDue: (lagMs: number, context: Context) => void
  readonly #context: Context
  #timer: Subscription | undefined
  #timerDueMs = Infinity
  #deadlineMs = Infinity

  /**
   * @param onDue is told how many milliseconds too late it is
   * @param context is told to `ring`: hundreds of thousands of owners may share one function
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
   * Sets the alarm; it forgets the moment that it was set to before.
   *
   * A later moment costs nothing: the timer that is running comes too early, and is set again then.
   * With traffic on a link every frame moves the moment, and none of them starts a timer.
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

  /** The timer has come. */
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
