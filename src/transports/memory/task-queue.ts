/** A first-in, first-out queue that runs all its tasks in one scheduled call. */

/** Runs `task` later, never at once: `Environment.microtask`, `queueMicrotask`, `setImmediate`. */
export type ScheduleTask = (task: () => void) => void

/**
 * Runs all queued tasks in one scheduled call.
 *
 * Tasks added meanwhile wait for the next call: two ends that answer each other without end still
 * let other work run in between.
 */
export class TaskQueue {
  readonly #schedule: ScheduleTask
  #queued: (() => void)[] = []

  constructor(schedule: ScheduleTask) {
    this.#schedule = schedule
  }

  /** Adds a task. An error that it throws is thrown again from a scheduled call of its own. */
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
