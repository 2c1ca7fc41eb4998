/** A scheduler of RxJS over virtual time. */
import type { Runnable, Work } from './virtual-clock.ts'
import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'

/** A view of time: a clock, or what one process makes of it. */
export interface TimeView {
  /** In milliseconds. */
  readonly nowMs: number
  /** Runs `work` at a moment, or now where that is over. */
  at(atMs: number, work: Work): { cancel(): void }
}

type ActionWork<T> = (this: SchedulerAction<T>, state?: T) => void

/**
 * Runs actions when the view says so, in everything else as `asyncScheduler` does: `this.schedule`
 * repeats an action, the latest moment counts, unsubscribing cancels, and what work throws ends its
 * action and is thrown by whoever moves time on. What is due at one moment runs in the order in
 * which it was scheduled; a delay below 0 is none, and `Infinity` is never.
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

  /** It is due. */
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
