/**
 * The suspicion level φ of the accrual failure detector.
 *
 * Source: Hayashibara, Défago, Yared, Katayama: "The φ Accrual Failure Detector", SRDS 2004. φ is
 * −log10 of the probability that a heartbeat arrives later than now, with normally distributed
 * intervals: at a threshold of 1, one suspicion in 10 is wrong; at 8, one in 100 million.
 */

/** Mean and standard deviation of the intervals between heartbeats, in milliseconds. */
export interface IntervalStats {
  readonly meanMs: number
  readonly stdDevMs: number
}

const LN_SQRT_2PI = Math.log(2 * Math.PI) / 2
/** The series converges fast up to here, the continued fraction beyond. */
const SERIES_MAX = 2.5
const TERM_COUNT = 60

/**
 * Returns φ of a silence: it grows from 0 without limit.
 *
 * @param silenceMs the time since the last heartbeat, in milliseconds
 * @param stats the expected intervals; if `stdDevMs` is 0, φ is Infinity beyond the mean
 */
export function phi(silenceMs: number, { meanMs, stdDevMs }: IntervalStats): number {
  if (stdDevMs > 0) return -log10UpperTail((silenceMs - meanMs) / stdDevMs) + 0
  return silenceMs > meanMs ? Infinity : 0
}

/** The most recent intervals between heartbeats. */
export class HeartbeatHistory {
  readonly #size: number
  readonly #intervalsMs: number[] = []
  #next = 0

  /** @param size how many intervals are remembered, an integer of at least 1 */
  constructor(size: number) {
    this.#size = size
  }

  /** Adds an interval; a negative one, of a clock that went back, counts as 0. */
  add(intervalMs: number): void {
    this.#intervalsMs[this.#next] = Math.max(0, intervalMs)
    this.#next = (this.#next + 1) % this.#size
  }

  /** Returns mean and standard deviation; undefined before the first interval. */
  stats(): IntervalStats | undefined {
    const count = this.#intervalsMs.length
    if (count === 0) return undefined
    const meanMs = sum(this.#intervalsMs) / count
    const squares = this.#intervalsMs.map((intervalMs) => (intervalMs - meanMs) ** 2)
    return { meanMs, stdDevMs: Math.sqrt(sum(squares) / count) }
  }
}

/** Returns log10 of the probability that a standard normal variable exceeds `y`. */
function log10UpperTail(y: number): number {
  if (y < -SERIES_MAX) return Math.log1p(-(10 ** log10UpperTail(-y))) / Math.LN10
  const lnDensity = -(y * y) / 2 - LN_SQRT_2PI
  if (y <= SERIES_MAX) return Math.log10(0.5 - Math.exp(lnDensity) * series(y))
  return (lnDensity - Math.log(continuedFraction(y))) / Math.LN10
}

/** (Φ(y) − 1/2) / φ(y) = y + y³/3 + y⁵/15 + … (Abramowitz and Stegun, 26.2.11). */
function series(y: number): number {
  let term = y
  let total = y
  for (let k = 1; k < TERM_COUNT; k++) {
    term *= (y * y) / (2 * k + 1)
    total += term
  }
  return total
}

/** φ(y) / (1 − Φ(y)) = y + 1/(y + 2/(y + 3/(y + …))) (Abramowitz and Stegun, 26.2.14). */
function continuedFraction(y: number): number {
  let tail = y
  for (let k = TERM_COUNT; k >= 1; k--) tail = y + k / tail
  return tail
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
