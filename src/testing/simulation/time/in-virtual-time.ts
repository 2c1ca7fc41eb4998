/** Runs synchronous code in virtual time: RxJS, `Date` and `Math.random` follow it. */
import { virtualDate } from './virtual-date.ts'
import { detectNondeterminism } from './nondeterminism.ts'
import { type RxTime, withRxTime } from './rx-time.ts'

/** The time and the random source of the running process, and a callback for nondeterminism. */
export interface VirtualTime extends RxTime {
  /** Uniform in [0, 1). */
  random(): number
  /**
   * Called when code uses a Promise, a real timer or I/O. It must not throw: it runs inside an
   * `async_hooks` callback.
   */
  onNondeterminism(error: Error): void
}

/**
 * Runs `body`, which must be synchronous, and then restores the real time, also after an error.
 *
 * Virtual are RxJS's time providers (operators need no scheduler), `Date.now()`, `new Date()`,
 * `performance.now()` and `Math.random()`. `onNondeterminism` reports Promises, timers of Node,
 * `setImmediate`, `queueMicrotask`, `process.nextTick` and I/O. References that were taken before
 * (`const { random } = Math`) stay real.
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
