/** The time of the present piece of work: read once, for reading it costs as much as a send. */
import type { Environment } from '../../ports/environment.ts'

/** Read anew after so many, lest a loop that never ends stands still in time. */
const READINGS_MAX = 16

/**
 * A clock for those who ask for every envelope. What it tells is at most as old as the piece of
 * work that asks, or the last sixteen readings in it.
 */
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
