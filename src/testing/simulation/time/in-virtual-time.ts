/** Runs synchronous code in virtual time: RxJS, `Date` and `Math.random` follow it. */
import { type RxTime, withRxTime } from './rx-time.ts'
import { Replacements } from './replacements.ts'
import { detectNondeterminism } from './nondeterminism.ts'
import { refuseCalls } from './refused-calls.ts'
import { syncBuiltinESMExports } from 'node:module'
import { virtualDate } from './virtual-date.ts'
import { virtualDateTimeFormat } from './virtual-intl.ts'

/** The time and the random source of the running process, and a callback for nondeterminism. */
export interface VirtualTime extends RxTime {
  /** Uniform in [0, 1). */
  random(): number
  /**
   * Called when code uses a Promise, a real timer, I/O or another source of time or randomness. It
   * must not throw: it runs inside an `async_hooks` callback.
   */
  onNondeterminism(error: Error): void
}

/**
 * Runs `body`, which must be synchronous, and then restores the real time, also after an error.
 *
 * Virtual are RxJS's time providers (operators need no scheduler), `Date.now()`, `new Date()`,
 * `Intl.DateTimeFormat`, `performance.now()`, `performance.timeOrigin` and `Math.random()`.
 * `onNondeterminism` reports Promises, timers of Node.js, `setImmediate`, `queueMicrotask`,
 * `process.nextTick`, I/O, and the calls that `refuseCalls` lists. References that were taken
 * before (`const { random } = Math`) stay real.
 */
export function inVirtualTime<T>(time: VirtualTime, body: () => T): T {
  const onNondeterminism = (error: Error): void => time.onNondeterminism(error)
  const replacements = new Replacements()
  const stopDetecting = detectNondeterminism(onNondeterminism)
  const wallMs = (): number => time.wallMs()
  const originMs = time.wallMs() - time.nowMs()
  try {
    // For a reference to `Date` that was taken before.
    replacements.replace(Date, 'now', () => () => Math.floor(wallMs()))
    replacements.replace(globalThis, 'Date', (real) => virtualDate(real as DateConstructor, wallMs))
    replacements.replace(performance, 'now', () => () => time.nowMs())
    replacements.replace(performance, 'timeOrigin', () => originMs)
    replacements.replace(Math, 'random', () => () => time.random())
    virtualDateTimeFormat(replacements, wallMs)
    refuseCalls(replacements, onNondeterminism)
    return withRxTime(time, body)
  } finally {
    stopDetecting()
    replacements.restore()
    syncBuiltinESMExports()
  }
}
