/** The microtasks of a simulation: work that runs after the current event. */
import { ClusterError } from '../../../model/cluster-error.ts'
import type { Pid } from '../../../model/pid.ts'
import type { Random } from '../../../base/seeded-random.ts'
import { type Timer, type Work, runWork } from './virtual-clock.ts'

/** A simulated process, as far as virtual time needs it. */
export interface TimedProcess {
  readonly pid: Pid
  readonly random: Random
  /** Its monotonic clock, in milliseconds. */
  readonly nowMs: number
  /** Its wall clock, in milliseconds since the start of the simulation. */
  readonly wallMs: number
  /** Runs `work` as this process: now, after its resume, or never if it is dead. */
  run(work: Work): void
  at(atMs: number, work: Work): Timer
  microtask(work: Work): void
}

/** Runs microtasks, and knows which process runs now. */
export class MicrotaskQueue {
  /** The process that runs now; undefined while the test itself runs. */
  process: TimedProcess | undefined
  /** Pairs of a process and its work, in one flat array because there are many. */
  #queue: (TimedProcess | Work | undefined)[] = []

  /** `drain` treats more microtasks than this at one moment as an endless loop. */
  static readonly MICROTASKS_MAX = 1_000_000

  /** Queues `work` to run after the current event, as `process` or as the test itself. */
  enqueue(work: Work, process?: TimedProcess): void {
    this.#queue.push(process, work)
  }

  /**
   * Runs all queued microtasks, and those that they queue.
   *
   * @throws ClusterError `CHECK_FAILED` after `MICROTASKS_MAX` of them
   */
  drain(): void {
    for (let count = 0; this.#queue.length > 0;) {
      const batch = this.#queue
      this.#queue = []
      count += batch.length / 2
      if (count > MicrotaskQueue.MICROTASKS_MAX) {
        const limit = `${MicrotaskQueue.MICROTASKS_MAX} microtasks ran at one moment`
        throw new ClusterError(
          'CHECK_FAILED',
          `${limit}: look for code that schedules itself again without a delay`,
        )
      }
      for (let at = 0; at < batch.length; at += 2) {
        const process = batch[at] as TimedProcess | undefined
        const work = batch[at + 1] as Work
        if (process === undefined) runWork(work)
        else process.run(work)
      }
    }
  }
}
