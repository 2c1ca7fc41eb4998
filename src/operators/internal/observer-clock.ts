/** Measures how long this process stalled, so that a stall does not count as silence of a peer. */
import type { SchedulerLike } from 'rxjs'

/**
 * Knows how long this process did not run, by timers of its own that were due meanwhile.
 *
 * After a stall Node.js runs due timers before it reads sockets: what arrived during the stall
 * comes later. So a silence counts without the stall, and is judged once the sockets are read.
 */
export class ObserverClock {
  readonly #scheduler: SchedulerLike
  readonly #toleranceMs: number
  #dueMs = Infinity
  #stalledMs = 0

  /** @param toleranceMs a timer that is later than this was held up */
  constructor(scheduler: SchedulerLike, toleranceMs: number) {
    this.#scheduler = scheduler
    this.#toleranceMs = toleranceMs
  }

  nowMs(): number {
    return this.#scheduler.now()
  }

  /** How long this process did not run, in all. */
  get stalledMs(): number {
    return this.#stalledMs
  }

  /** Expects the next call of `check` within `delayMs`. */
  expect(delayMs: number): void {
    this.#dueMs = this.nowMs() + delayMs
  }

  /** Returns whether this process did not run for a while; the same stall is found once. */
  check(): boolean {
    const nowMs = this.nowMs()
    const lateMs = nowMs - this.#dueMs
    if (lateMs <= this.#toleranceMs) return false
    this.#stalledMs += lateMs
    this.#dueMs = nowMs
    return true
  }
}
