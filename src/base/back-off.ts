/** Exponential back-off with jitter: how long to wait before the next attempt. */

/**
 * Returns the delay before an attempt. It doubles with each attempt; a part of it is random, so
 * that many processes that fail together do not retry together.
 *
 * @param attempt counts from 0; attempt 0 waits at most `baseMs`
 * @param baseMs the delay of attempt 0 without jitter, in milliseconds
 * @param maxMs the upper bound, in milliseconds
 * @param jitter the random part of the delay, from 0 to 1: 0 always waits the full delay, 1 waits
 *   anything from 0 to the full delay
 * @param random a uniform number in [0, 1)
 */
export function backOffDelayMs(
  attempt: number,
  baseMs: number,
  maxMs: number,
  jitter: number,
  random: number,
): number {
  if (baseMs <= 0) return 0
  const fullMs = Math.min(maxMs, baseMs * 2 ** attempt)
  if (fullMs === Infinity) return Infinity
  return fullMs * (1 - jitter) + fullMs * jitter * random
}
