/** An alarm clock: rings once at the earliest moment that it was set to. */
import type { Environment } from '../ports/environment.ts'
import type { Subscription } from 'rxjs'

/** Wakes a state machine at the moment it asks for. */
export class Alarm<Owner> {
  readonly #environment: Environment
  readonly #ring: (lagMs: number, owner: Owner) => void
  readonly #owner: Owner
  #timer: Subscription | undefined
  #timerAtMs = Infinity
  #wakeAtMs = Infinity

  /**
   * @param ring is told how many milliseconds too late it is
   * @param owner is told to `ring`: hundreds of thousands of owners may share one function
   */
  constructor(environment: Environment, ring: (lagMs: number, owner: Owner) => void, owner: Owner) {
    this.#environment = environment
    this.#ring = ring
    this.#owner = owner
  }

  /**
   * Sets the alarm; it forgets the moment that it was set to before.
   *
   * A later moment costs nothing: the timer that is running comes too early, and is set again then.
   * With traffic on a link every frame moves the moment, and none of them starts a timer.
   */
  set(wakeAtMs: number): void {
    this.#wakeAtMs = wakeAtMs
    if (wakeAtMs >= this.#timerAtMs) return
    this.#timer?.unsubscribe()
    this.#start()
  }

  cancel(): void {
    this.#timer?.unsubscribe()
    this.#timerAtMs = Infinity
    this.#wakeAtMs = Infinity
  }

  #start(): void {
    this.#timerAtMs = this.#wakeAtMs
    if (this.#wakeAtMs === Infinity) return
    const delayMs = Math.max(0, Math.ceil(this.#wakeAtMs - this.#environment.monotonicMs()))
    this.#timer = this.#environment.scheduler.schedule<Alarm<Owner>>(due, delayMs, this)
  }

  /** The timer has come. */
  due(): void {
    const lateMs = this.#environment.monotonicMs() - this.#wakeAtMs
    this.#timerAtMs = Infinity
    if (lateMs < 0) {
      this.#start()
      return
    }
    this.#wakeAtMs = Infinity
    const ring = this.#ring
    ring(lateMs, this.#owner)
  }
}

function due(alarm?: { due(): void }): void {
  alarm?.due()
}
