/**
 * Reads the system clock once per task, and again after 16 calls, because a reading costs as much
 * as a send.
 */
import type { Environment } from '../../ports/environment.ts'

/** Bounds the error of a task that sends in an endless loop. */
const READINGS_MAX = 16

/** Returns a time of the current task, from at most 16 calls ago. */
export class CoarseClock {
  readonly #environment: Environment
  #nowMs = 0
  #readings = 0

  constructor(environment: Environment) {
    this.#environment = environment
  }

  nowMs(): number {
    if (this.#readings > 0) {
      this.#readings--
      return this.#nowMs
    }
    this.#nowMs = this.#environment.monotonicMs()
    this.#readings = READINGS_MAX
    this.#environment.microtask(() => {
      this.#readings = 0
    })
    return this.#nowMs
  }
}
