/** Turns: work that waits until the present piece of work is done, in the order it was given in. */

/** Runs `work` later, never at once: `Environment.soon`, `queueMicrotask`, `setImmediate`. */
export type ScheduleTask = (task: () => void) => void

/**
 * A first-in, first-out line of work in front of `soon`.
 *
 * One call of `soon` serves all that is waiting. What is added meanwhile waits for the next one, so
 * two ends that answer each other for ever still let everybody else have a turn in between.
 */
export class TaskQueue {
  readonly #schedule: ScheduleTask
  #queued: (() => void)[] = []

  constructor(schedule: ScheduleTask) {
    this.#schedule = schedule
  }

  /** Adds work to the end of the line. Work that throws does so in a turn of its own. */
  enqueue(task: () => void): void {
    if (this.#queued.push(task) === 1) this.#schedule(() => this.#runQueued())
  }

  #runQueued(): void {
    const tasks = this.#queued
    this.#queued = []
    for (const task of tasks) {
      try {
        task()
      } catch (error) {
        this.#schedule(() => {
          throw error
        })
      }
    }
  }
}
