/**
 * The virtual time that code sees: that of the running process, or of the simulation outside any
 * process.
 */
import type { Pid } from '../../../model/pid.ts'
import type { MicrotaskQueue } from './microtask-queue.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { VirtualTime } from './in-virtual-time.ts'
import { seededRandom } from '../../../base/seeded-random.ts'

/** Virtual time starts at the beginning of 2020. */
const EPOCH_MS = Date.UTC(2020, 0, 1)

/** The parts that the time of a world consists of. */
export interface TimeSource {
  readonly clock: VirtualClock
  readonly microtasks: MicrotaskQueue
  /** Called when a timer of a process fires. */
  timer(pid: Pid): void
  /** The wall clock at time 0, in milliseconds since 1970. Default: the beginning of 2020. */
  readonly epochMs?: number
}

/** Returns a time whose timers belong to the process that sets them, or else to the test. */
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
