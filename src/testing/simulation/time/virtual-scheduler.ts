/** An RxJS scheduler on virtual time. */
import type { Runnable, Work } from './virtual-clock.ts'
import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'

/** A clock: that of the world, or that of one process. */
export interface TimeView {
  /** In milliseconds. */
  readonly nowMs: number
  /** Runs `work` at `atMs`; a past time means now. */
  at(atMs: number, work: Work): { cancel(): void }
}

type ActionWork<T> = (this: SchedulerAction<T>, state?: T) => void

/**
 * Runs actions on a virtual clock, and otherwise behaves like `asyncScheduler`: `this.schedule`
 * repeats an action, the latest call decides, and unsubscribing cancels. An error of the work ends
 * its action and is rethrown to the caller that advances the clock.
 *
 * Actions of the same moment run in the order of scheduling. A negative delay means 0, and
 * `Infinity` means never.
 */
export class VirtualScheduler implements SchedulerLike {
  readonly #view: TimeView

  constructor(view: TimeView) {
    this.#view = view
  }

  /** In milliseconds. */
  now(): number {
    return this.#view.nowMs
  }

  /** @param delay in milliseconds */
  schedule<T>(work: ActionWork<T>, delay = 0, state?: T): Subscription {
    return new VirtualAction(this.#view, work).schedule(state, delay)
  }
}

class VirtualAction<T> extends Subscription implements Runnable {
  readonly #view: TimeView
  readonly #work: ActionWork<T>
  #state: T | undefined
  #timer: { cancel(): void } | undefined

  constructor(view: TimeView, work: ActionWork<T>) {
    super()
    this.#view = view
    this.#work = work
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this
    this.#state = state
    this.#timer?.cancel()
    const atMs = this.#view.nowMs + Math.max(0, delay)
    this.#timer = atMs === Infinity ? undefined : this.#view.at(atMs, this)
    return this
  }

  override unsubscribe(): void {
    if (this.closed) return
    this.#timer?.cancel()
    this.#timer = undefined
    this.#state = undefined
    super.unsubscribe()
  }

  run(): void {
    this.#timer = undefined
    try {
      this.#work.call(this as unknown as SchedulerAction<T>, this.#state)
    } catch (error) {
      this.unsubscribe()
      throw error
    }
  }
}
