/** RxJS's own time, virtual for a while, so that its operators need no scheduler. */
import { type Provider, type Providers, rxProviders } from './rx-providers.ts'
import { type BatchingScheduler, soleAction, withoutBatching } from './unbatched-schedulers.ts'
import { animationFrameScheduler, asapScheduler } from 'rxjs'

/** The time that RxJS is given. */
export interface RxTime {
  /** The steady clock, in milliseconds. */
  nowMs(): number
  /** The clock on the wall, in milliseconds since 1970. */
  wallMs(): number
  /** Runs `work` in so many milliseconds; what it asks for then belongs to whoever asks now. */
  after(delayMs: number, work: () => void): { cancel(): void }
  /** Runs `work` when the present event is done, as a microtask would. */
  microtask(work: () => void): void
}

type Callback = (...args: unknown[]) => void

/** A frame of an animation, in milliseconds. */
const ANIMATION_FRAME_MS = 16

const SCHEDULERS = [
  animationFrameScheduler,
  asapScheduler,
] as unknown as readonly BatchingScheduler[]
const [ANIMATION_FRAMES, ASAP] = SCHEDULERS as [BatchingScheduler, BatchingScheduler]

let cachedProviders: Providers | undefined

/**
 * Runs `body` while RxJS's operators and schedulers live in `time`; then everything is as before,
 * however `body` ends. It may be nested.
 *
 * @throws ClusterError `RXJS_UNSUPPORTED` where this version of RxJS has no such providers
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

/** Something that RxJS waits for; RxJS hands it back to be cleared. */
class Handle {
  timer: { cancel(): void } | undefined
  cleared = false

  clear(): void {
    this.cleared = true
    this.timer?.cancel()
  }
}

/** Clears what was set here; what was set before is cleared where it was set. */
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
          // As Node does it: afterwards, so that most of them, which are cleared, never start.
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
