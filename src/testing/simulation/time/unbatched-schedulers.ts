/**
 * Turns off batching in RxJS's `asapScheduler` and `animationFrameScheduler`.
 *
 * They run all actions in one batch, as the process that scheduled the first one. In a simulation
 * that may be another process, which is paused or dead, so each action must run by itself.
 */

/** The members that are used here; not all of them are public. */
export interface BatchingScheduler {
  readonly actions: { readonly id?: unknown; readonly closed: boolean }[]
  _scheduled: unknown
  flush(action: unknown): void
}

const NOOP = (): void => {}

/** Runs `body` while these schedulers do not batch. Earlier actions stay queued meanwhile. */
export function withoutBatching<T>(schedulers: readonly BatchingScheduler[], body: () => T): T {
  const previous = schedulers.map((scheduler) => {
    const ownDescriptor = Object.getOwnPropertyDescriptor(scheduler, '_scheduled')
    Object.defineProperty(scheduler, '_scheduled', {
      configurable: true,
      enumerable: true,
      get: () => undefined,
      set: NOOP,
    })
    return [scheduler, ownDescriptor] as const
  })
  try {
    return body()
  } finally {
    for (const [scheduler, ownDescriptor] of previous) {
      if (ownDescriptor === undefined) Reflect.deleteProperty(scheduler, '_scheduled')
      else Object.defineProperty(scheduler, '_scheduled', ownDescriptor)
    }
  }
}

/**
 * Returns a function that runs the single action that a scheduler is scheduling now; undefined if
 * another caller schedules.
 */
export function soleAction(scheduler: BatchingScheduler): (() => void) | undefined {
  const { actions } = scheduler
  const action = actions.at(-1)
  // An action with an id was scheduled before: the provider has already returned.
  if (action === undefined || (action.id !== undefined && action.id !== null)) return undefined
  actions.pop()
  return () => {
    if (!action.closed) scheduler.flush(action)
  }
}
