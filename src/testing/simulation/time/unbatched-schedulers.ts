/**
 * RxJS's `asapScheduler` and `animationFrameScheduler` wait once for all actions, in whosever turn
 * the first was scheduled. In a simulation that would be another process, which may be paused or
 * dead: here every action waits alone.
 */

/** What is used of these schedulers; not all of it is public. */
export interface BatchingScheduler {
  readonly actions: { readonly id?: unknown; readonly closed: boolean }[]
  _scheduled: unknown
  flush(action: unknown): void
}

const NOOP = (): void => {}

/** Runs `body` while these schedulers ask anew for every action. What waits outside stays there. */
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
 * What runs the one action for which a scheduler is asking at this moment; undefined where somebody
 * else asks.
 */
export function soleAction(scheduler: BatchingScheduler): (() => void) | undefined {
  const { actions } = scheduler
  const action = actions.at(-1)
  // It has its id when the scheduler has been answered.
  if (action === undefined || (action.id !== undefined && action.id !== null)) return undefined
  actions.pop()
  return () => {
    if (!action.closed) scheduler.flush(action)
  }
}
