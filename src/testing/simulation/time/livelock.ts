/** Detects code that schedules work without a delay for ever, so that virtual time stands still. */
import { ClusterError } from '../../../model/cluster-error.ts'

/** No correct simulation has more events at one moment. */
const EVENTS_PER_MOMENT_MAX = 5_000_000
const ADVICE = 'look for code that schedules itself again without a delay'

/** Counts the events of the current moment. */
export class LivelockDetector {
  #momentMs = 0
  #count = 0

  /** Counts an event. @throws ClusterError `CHECK_FAILED` after too many events at one moment */
  onEvent(nowMs: number): void {
    if (nowMs !== this.#momentMs) this.#count = 0
    this.#momentMs = nowMs
    if (++this.#count > EVENTS_PER_MOMENT_MAX)
      throw new ClusterError(
        'CHECK_FAILED',
        `${EVENTS_PER_MOMENT_MAX} events at ${nowMs} ms: ${ADVICE}`,
      )
  }
}
