/**
 * The timers and the clock of Node.js as they are without the fake timers of a test runner.
 *
 * Fake timers of test runners replace the globals, for a while. I/O goes on meanwhile, so it keeps
 * the functions that were there at import; `node:timers` has them even if the globals are replaced
 * before.
 */
import { performance } from 'node:perf_hooks'
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { Subscription } from 'rxjs'
import type { SchedulerAction, SchedulerLike, TeardownLogic } from 'rxjs'

const { queueMicrotask } = globalThis

/** The functions of the runtime that no fake timers replace. */
export const runtime = {
  setTimeout,
  clearTimeout,
  setImmediate,
  queueMicrotask,
  nextTick: process.nextTick,
  /** Returns the milliseconds since the process started. */
  nowMs: performance.now.bind(performance),
}

type ActionWork<T> = (this: SchedulerAction<T>, state?: T) => void

/** As `asyncScheduler`, on timers that no fake timers replace; `now()` never goes back. */
export const runtimeScheduler: SchedulerLike = {
  now: runtime.nowMs,
  schedule: <T>(work: ActionWork<T>, delay = 0, state?: T): Subscription =>
    new RuntimeAction(work).schedule(state, delay),
}

/**
 * Holds a Subscription and is none. RxJS calls its constructors on every instance, with `this`: one
 * class more than V8's limit of four would slow down each subscription of the process by 10 %.
 */
class RuntimeAction<T> {
  readonly #work: ActionWork<T>
  readonly #subscription = new Subscription(() => this.#cancel())
  #state: T | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(work: ActionWork<T>) {
    this.#work = work
  }

  get closed(): boolean {
    return this.#subscription.closed
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this.#subscription
    this.#state = state
    runtime.clearTimeout(this.#timer)
    this.#timer = runtime.setTimeout(fire, delay, this)
    return this.#subscription
  }

  add(teardown: TeardownLogic): void {
    this.#subscription.add(teardown)
  }

  remove(teardown: Exclude<TeardownLogic, void>): void {
    this.#subscription.remove(teardown)
  }

  unsubscribe(): void {
    this.#subscription.unsubscribe()
  }

  run(): void {
    this.#timer = undefined
    try {
      this.#work.call(this as unknown as SchedulerAction<T>, this.#state)
    } finally {
      if (this.#timer === undefined) this.unsubscribe()
    }
  }

  #cancel(): void {
    runtime.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#state = undefined
  }
}

function fire(action: { run(): void }): void {
  action.run()
}
