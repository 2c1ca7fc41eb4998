/** An alarm clock: rings once at the earliest moment that it was set to. */
import type { Environment } from '../ports/environment.ts'
import type { Subscription } from 'rxjs'

/** Who is woken. */
export interface AlarmOwner {
  /** @param lagMs how many milliseconds too late it is */
  ring(lagMs: number): void
}

/** Wakes a state machine at the moment it asks for. */
export class Alarm {
  readonly #environment: Environment
  readonly #owner: AlarmOwner
  #timer: Subscription | undefined
  #timerAtMs = Infinity
  #wakeAtMs = Infinity

  constructor(environment: Environment, owner: AlarmOwner) {
    this.#environment = environment
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
    this.#timer = this.#environment.scheduler.schedule<Alarm>(Alarm.#fire, delayMs, this)
  }

  /** One for all of them: there are as many alarms as links. */
  static #fire(this: unknown, alarm?: Alarm): void {
    if (alarm !== undefined) alarm.#due()
  }

  #due(): void {
    const lateMs = this.#environment.monotonicMs() - this.#wakeAtMs
    this.#timerAtMs = Infinity
    if (lateMs < 0) {
      this.#start()
      return
    }
    this.#wakeAtMs = Infinity
    this.#owner.ring(lateMs)
  }
}
