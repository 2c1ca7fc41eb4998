/** Runs a piece of work in virtual time: RxJS, `Date` and `Math.random` follow it. */
import { virtualDate } from './virtual-date.ts'
import { detectNondeterminism } from './nondeterminism.ts'
import { type RxTime, withRxTime } from './rx-time.ts'

/** Whose time and chance it is at this moment, and who is told of what would break determinism. */
export interface VirtualTime extends RxTime {
  /** Uniform in [0, 1). */
  random(): number
  /** Something was begun that virtual time does not know. It cannot throw where it is begun. */
  onNondeterminism(error: Error): void
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
  const stopDetecting = detectNondeterminism((error) => time.onNondeterminism(error))
  globalThis.Date = virtualDate(RealDate, () => time.wallMs())
  performance.now = () => time.nowMs()
  Math.random = () => time.random()
  try {
    return withRxTime(time, body)
  } finally {
    stopDetecting()
    globalThis.Date = RealDate
    performance.now = now
    Math.random = random
  }
}
