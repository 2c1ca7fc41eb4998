/** Rounding of virtual time to microseconds, which keeps traces readable. */

/** Absorbs the error of binary fractions, in microseconds. */
const EPSILON = 1e-4

/** Rounds to the nearest microsecond. */
export function toMicros(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/**
 * Returns the first whole microsecond at or after `ms`, and later than `nowMs` if `ms` is.
 *
 * Otherwise a timer could fire before the time that it was set for. RxJS would then set it again
 * for the rest, at the same moment, without end.
 */
export function atOrAfter(ms: number, nowMs: number): number {
  if (ms <= nowMs) return nowMs
  return Math.max(
    Math.ceil(ms * 1000 - EPSILON) / 1000,
    (Math.floor(nowMs * 1000 + EPSILON) + 1) / 1000,
  )
}
