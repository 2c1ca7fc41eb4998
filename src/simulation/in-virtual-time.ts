/** Runs a piece of work in virtual time: RxJS, `Date` and `Math.random` follow it. */
import { virtualDate } from './virtual-date.ts'
import { watchStrays } from './stray.ts'
import { type RxTime, withRxTime } from './rx-time.ts'

/** Whose time and chance it is at this moment, and who is told of what would break determinism. */
export interface VirtualTime extends RxTime {
  /** Uniform in [0, 1). */
  chance(): number
  /** Something was begun that virtual time does not know. It cannot throw where it is begun. */
  stray(error: Error): void
}

/**
 * Runs `body`, which must be synchronous, and puts everything back, however it ends.
 *
 * Virtual are: RxJS's own providers of time, so that operators need no scheduler; `Date.now()` and
 * `new Date()`; `performance.now()`; `Math.random()`. Told to `stray` are: Promises, timers of
 * Node, `setImmediate`, `queueMicrotask` and `process.nextTick`. A reference that somebody took
 * before (`const { random } = Math`) is not reached.
 */
export function inVirtualTime<T>(time: VirtualTime, body: () => T): T {
  const now = performance.now
  const { random } = Math
  const RealDate = Date
  const unwatch = watchStrays((error) => time.stray(error))
  globalThis.Date = virtualDate(RealDate, () => time.wallMs())
  performance.now = () => time.nowMs()
  Math.random = () => time.chance()
  try {
    return withRxTime(time, body)
  } finally {
    unwatch()
    globalThis.Date = RealDate
    performance.now = now
    Math.random = random
  }
}
