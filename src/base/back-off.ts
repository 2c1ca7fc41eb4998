/** Back-off: how long to wait before something is tried again. */

/**
 * Tells the delay before an attempt: it doubles with each one, and a part of it is left to chance,
 * so that many who fail together do not come back together.
 *
 * @param attempt counts from 0; attempt 0 waits at most `baseMs`
 * @param baseMs the delay that is doubled, in milliseconds
 * @param maxMs the longest delay, in milliseconds
 * @param jitter the part that is left to chance, 0 to 1: 0 waits in full, 1 anything from nothing
 *   to all of it
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
  return fullMs * (1 - jitter) + fullMs * jitter * random
}
