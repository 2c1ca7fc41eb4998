/** The time of a world: that of the process whose turn it is, or of the test itself. */
import type { Pid } from '../../../model/pid.ts'
import type { MicrotaskQueue } from './microtask-queue.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { VirtualTime } from './in-virtual-time.ts'
import { seededRandom } from '../../../base/seeded-random.ts'

/** Virtual time begins at the first moment of 2020. */
const EPOCH_MS = Date.UTC(2020, 0, 1)

/** What the time of a world is made of. */
export interface TimeSource {
  readonly clock: VirtualClock
  readonly microtasks: MicrotaskQueue
  /** A timer of a process fired. */
  timer(pid: Pid): void
  /** The time on the wall when the clock says 0, in milliseconds since 1970. Default: 2020. */
  readonly epochMs?: number
}

/** Timers that are set in a process's turn are that process's; the others are the test's own. */
export function worldTime(
  { clock, microtasks, timer, epochMs = EPOCH_MS }: TimeSource,
  seed: number,
  onNondeterminism: (error: Error) => void,
): VirtualTime {
  const random = seededRandom(seed + 0.5)
  return {
    nowMs: () => microtasks.process?.nowMs ?? clock.nowMs,
    wallMs: () => epochMs + (microtasks.process?.wallMs ?? clock.nowMs),
    random: () => (microtasks.process?.random ?? random)(),
    after(delayMs, work) {
      const process = microtasks.process
      if (process === undefined) return clock.at(clock.nowMs + delayMs, work)
      return process.at(process.nowMs + delayMs, () => {
        timer(process.pid)
        work()
      })
    },
    microtask(work) {
      const process = microtasks.process
      if (process === undefined) microtasks.enqueue(work)
      else process.microtask(work)
    },
    onNondeterminism,
  }
}
