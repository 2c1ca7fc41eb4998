/** RxJS's own time, virtual for a while: the providers that its TestScheduler replaces, too. */
import { ClusterError } from '../model/cluster-error.ts'
import { animationFrameProvider } from 'rxjs/internal/scheduler/animationFrameProvider'
import { dateTimestampProvider } from 'rxjs/internal/scheduler/dateTimestampProvider'
import { immediateProvider } from 'rxjs/internal/scheduler/immediateProvider'
import { intervalProvider } from 'rxjs/internal/scheduler/intervalProvider'
import { performanceTimestampProvider } from 'rxjs/internal/scheduler/performanceTimestampProvider'
import { timeoutProvider } from 'rxjs/internal/scheduler/timeoutProvider'

/** The time that RxJS is given. */
export interface RxTime {
  /** The steady clock, in milliseconds. */
  nowMs(): number
  /** The clock on the wall, in milliseconds since 1970. */
  wallMs(): number
  /** Runs `work` in so many milliseconds. */
  after(delayMs: number, work: () => void): { cancel(): void }
}

/** A frame of an animation, in milliseconds. */
const FRAME_MS = 16

const PROVIDERS: Readonly<Record<string, { delegate: unknown } | undefined>> = {
  animationFrameProvider,
  dateTimestampProvider,
  immediateProvider,
  intervalProvider,
  performanceTimestampProvider,
  timeoutProvider,
}

/**
 * Runs `body` while RxJS's operators and schedulers live in `time`.
 *
 * @throws ClusterError `RXJS_UNSUPPORTED` where this version of RxJS has no such providers
 */
export function withRxTime<T>(time: RxTime, body: () => T): T {
  const lacking = Object.entries(PROVIDERS).filter(
    ([, provider]) => provider === undefined || !('delegate' in provider),
  )
  if (lacking.length > 0) {
    const names = lacking.map(([name]) => name).join(', ')
    throw new ClusterError('RXJS_UNSUPPORTED', `this RxJS has no ${names}: install rxjs 7.8`)
  }
  const before = Object.entries(PROVIDERS).map(([name, one]) => [name, one?.delegate] as const)
  delegate(time)
  try {
    return body()
  } finally {
    for (const [name, former] of before)
      (PROVIDERS[name] as { delegate: unknown }).delegate = former
  }
}

function delegate(time: RxTime): void {
  const running = new Map<number, { cancel(): void }>()
  let last = 0
  const start = (again: (handle: number) => { cancel(): void }): number => {
    const handle = ++last
    running.set(handle, again(handle))
    return handle
  }
  const once = (delayMs: number, work: () => void): number =>
    start((handle) =>
      time.after(delayMs, () => {
        running.delete(handle)
        work()
      }),
    )
  const repeatedly = (delayMs: number, work: () => void): number => {
    const again = (handle: number): { cancel(): void } =>
      time.after(delayMs, () => {
        running.set(handle, again(handle))
        work()
      })
    return start(again)
  }
  const stop = (handle: unknown): void => {
    running.get(handle as number)?.cancel()
    running.delete(handle as number)
  }
  const set = (provider: { delegate: unknown }, to: unknown): void => {
    provider.delegate = to
  }
  set(dateTimestampProvider, { now: () => time.wallMs() })
  set(performanceTimestampProvider, { now: () => time.nowMs() })
  set(timeoutProvider, {
    setTimeout: (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      once(ms, () => work(...args)),
    clearTimeout: stop,
  })
  set(intervalProvider, {
    setInterval: (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      repeatedly(ms, () => work(...args)),
    clearInterval: stop,
  })
  set(immediateProvider, {
    setImmediate: (work: () => void) => once(0, work),
    clearImmediate: stop,
  })
  set(animationFrameProvider, {
    requestAnimationFrame: (work: (atMs: number) => void) =>
      once(FRAME_MS, () => work(time.nowMs())),
    cancelAnimationFrame: stop,
  })
}
