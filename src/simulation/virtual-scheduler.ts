/** A scheduler of RxJS over virtual time. */
import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'

/** A view of time. */
export interface TimeView {
  readonly nowMs: number
  at(atMs: number, work: () => void): { cancel(): void }
}

/** Runs actions when the view says so. */
export class VirtualScheduler implements SchedulerLike {
  readonly #view: TimeView

  constructor(view: TimeView) {
    this.#view = view
  }

  now(): number {
    return this.#view.nowMs
  }

  schedule<T>(
    work: (this: SchedulerAction<T>, state?: T) => void,
    delay = 0,
    state?: T,
  ): Subscription {
    return new Action(this.#view, work).schedule(state, delay)
  }
}

class Action<T> extends Subscription {
  readonly #view: TimeView
  readonly #work: (this: SchedulerAction<T>, state?: T) => void
  #timer: { cancel(): void } | undefined

  constructor(view: TimeView, work: (this: SchedulerAction<T>, state?: T) => void) {
    super()
    this.#view = view
    this.#work = work
    this.add(() => this.#timer?.cancel())
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this
    this.#timer?.cancel()
    const timer = this.#view.at(this.#view.nowMs + Math.max(0, delay), () => {
      this.#timer = undefined
      this.#work.call(this as unknown as SchedulerAction<T>, state)
      if (this.#timer === undefined) this.unsubscribe()
    })
    this.#timer = timer
    return this
  }
}
