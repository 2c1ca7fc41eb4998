/** Standstills: a loop that asks again and again for the moment it is, so that no time passes. */

/** More events at one moment are a loop. */
const EVENTS_PER_MOMENT_MAX = 5_000_000

/** Counts the events of each moment. */
export class LivelockDetector {
  #momentMs = 0
  #count = 0

  /** There was an event. @throws Error where time stands still */
  onEvent(nowMs: number): void {
    if (nowMs !== this.#momentMs) this.#count = 0
    this.#momentMs = nowMs
    if (++this.#count > EVENTS_PER_MOMENT_MAX)
      throw new Error(`time stands still at ${nowMs} ms: is it a loop?`)
  }
}
