/**
 * Phi: how surprising a silence is.
 *
 * Hayashibara, Défago, Yared, Katayama: "The φ accrual failure detector", SRDS 2004. Phi is −log10
 * of the probability that a pulse comes later than now, when the time between pulses is normally
 * distributed: at a threshold of 1 one suspicion in ten is wrong, at 8 one in a hundred million.
 */

/** Mean and standard deviation of the time between pulses, in milliseconds. */
export interface IntervalStats {
  readonly meanMs: number
  readonly stdDevMs: number
}

const LN_SQRT_2PI = Math.log(2 * Math.PI) / 2
/** Up to here the series converges fast, from here on the continued fraction does. */
const SERIES_MAX = 2.5
const TERM_COUNT = 60

/**
 * Tells how suspicious a silence is: 0 when none is expected to be shorter, and without limit as it
 * goes on.
 *
 * @param silenceMs since the last pulse, in milliseconds
 * @param stats what is expected; a `stdDevMs` of 0 makes any silence over the mean infinitely
 *   suspicious
 */
export function phi(silenceMs: number, { meanMs, stdDevMs }: IntervalStats): number {
  if (stdDevMs > 0) return -log10UpperTail((silenceMs - meanMs) / stdDevMs) + 0
  return silenceMs > meanMs ? Infinity : 0
}

/** The last intervals between pulses. */
export class HeartbeatHistory {
  readonly #size: number
  readonly #intervalsMs: number[] = []
  #next = 0

  /** @param size intervals, an integer of at least 1 */
  constructor(size: number) {
    this.#size = size
  }

  /** Notes an interval; a clock that went back counts as no time. */
  add(intervalMs: number): void {
    this.#intervalsMs[this.#next] = Math.max(0, intervalMs)
    this.#next = (this.#next + 1) % this.#size
  }

  /** Mean and standard deviation of what is remembered; undefined before the first interval. */
  stats(): IntervalStats | undefined {
    const count = this.#intervalsMs.length
    if (count === 0) return undefined
    const meanMs = sum(this.#intervalsMs) / count
    const squares = this.#intervalsMs.map((intervalMs) => (intervalMs - meanMs) ** 2)
    return { meanMs, stdDevMs: Math.sqrt(sum(squares) / count) }
  }
}

/** log10 of the probability that a standard normal variable exceeds `y`. */
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
