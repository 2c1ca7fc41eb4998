/** Makes RxJS's own time virtual, so that its operators need no scheduler. */
import { type Provider, type Providers, rxProviders } from './rx-providers.ts'
import { type BatchingScheduler, soleAction, withoutBatching } from './unbatched-schedulers.ts'
import { animationFrameScheduler, asapScheduler } from 'rxjs'

/** The time that RxJS's providers return. */
export interface RxTime {
  /** The monotonic clock, in milliseconds. */
  nowMs(): number
  /** The wall clock, in milliseconds since 1970. */
  wallMs(): number
  /** Runs `work` after a delay, as the process that runs now. */
  after(delayMs: number, work: () => void): { cancel(): void }
  /** Runs `work` after the current event. */
  microtask(work: () => void): void
}

type Callback = (...args: unknown[]) => void

/** The duration of an animation frame, in milliseconds. */
const ANIMATION_FRAME_MS = 16

const SCHEDULERS = [
  animationFrameScheduler,
  asapScheduler,
] as unknown as readonly BatchingScheduler[]
const [ANIMATION_FRAMES, ASAP] = SCHEDULERS as [BatchingScheduler, BatchingScheduler]

let cachedProviders: Providers | undefined

/**
 * Runs `body` while RxJS's operators and schedulers use `time`, and then restores the providers,
 * also after an error. Calls may be nested.
 *
 * @throws ClusterError `RXJS_UNSUPPORTED` if this version of RxJS has no such providers
 */
export function withRxTime<T>(time: RxTime, body: () => T): T {
  const providers = (cachedProviders ??= rxProviders())
  const previous = Object.values(providers).map((one: Provider) => [one, one.delegate] as const)
  for (const [name, delegate] of Object.entries(delegates(time, providers))) {
    providers[name as keyof Providers].delegate = delegate
  }
  try {
    return withoutBatching(SCHEDULERS, body)
  } finally {
    for (const [provider, delegate] of previous) provider.delegate = delegate
  }
}

/** The handle of a virtual timer, which RxJS passes back to clear it. */
class Handle {
  timer: { cancel(): void } | undefined
  cleared = false

  clear(): void {
    this.cleared = true
    this.timer?.cancel()
  }
}

/** Clears virtual timers, and passes handles of real ones to the previous provider. */
function clearing(provider: Provider, name: string): (handle: unknown) => void {
  const { delegate: previous } = provider
  return (handle) => {
    if (handle instanceof Handle) return handle.clear()
    const { delegate } = provider
    provider.delegate = previous
    try {
      ;(provider as unknown as Record<string, Callback>)[name]?.(handle)
    } finally {
      provider.delegate = delegate
    }
  }
}

function delegates(time: RxTime, providers: Providers): Record<keyof Providers, unknown> {
  const once = (delayMs: number, work: () => void): Handle => {
    const handle = new Handle()
    handle.timer = time.after(delayMs, work)
    return handle
  }
  const repeatedly = (delayMs: number, work: () => void): Handle => {
    const handle = new Handle()
    const next = (): void => {
      handle.timer = time.after(delayMs, () => {
        try {
          work()
        } finally {
          // After the work, like Node.js: RxJS clears most intervals in their first run.
          if (!handle.cleared) next()
        }
      })
    }
    next()
    return handle
  }
  const microtask = (work: () => void): Handle => {
    const handle = new Handle()
    time.microtask(() => handle.cleared || work())
    return handle
  }
  return {
    dateTimestampProvider: { now: () => time.wallMs() },
    performanceTimestampProvider: { now: () => time.nowMs() },
    timeoutProvider: {
      setTimeout: (work: Callback, ms = 0, ...args: unknown[]) => once(ms, () => work(...args)),
      clearTimeout: clearing(providers.timeoutProvider, 'clearTimeout'),
    },
    intervalProvider: {
      setInterval: (work: Callback, ms = 0, ...args: unknown[]) =>
        repeatedly(ms, args.length === 0 ? work : () => work(...args)),
      clearInterval: clearing(providers.intervalProvider, 'clearInterval'),
    },
    immediateProvider: {
      setImmediate: (work: Callback) => microtask(soleAction(ASAP) ?? work),
      clearImmediate: clearing(providers.immediateProvider, 'clearImmediate'),
    },
    animationFrameProvider: {
      requestAnimationFrame: (work: (atMs: number) => void) =>
        once(ANIMATION_FRAME_MS, soleAction(ANIMATION_FRAMES) ?? (() => work(time.nowMs()))),
      cancelAnimationFrame: clearing(providers.animationFrameProvider, 'cancelAnimationFrame'),
    },
  }
}
