/** Random sources of a replay. */
import type { Random } from '../../base/seeded-random.ts'
import type { Incarnation } from '../../model/envelope.ts'

const HALF_LENGTH = 8

/**
 * Returns numbers that give a node this incarnation, and then those of `random`. A node takes its
 * incarnation from its first two random numbers.
 */
export function presetRandom(incarnation: Incarnation, random: Random): Random {
  const halves = [incarnation.slice(0, HALF_LENGTH), incarnation.slice(HALF_LENGTH)]
  const preset = halves.map((half) => Number.parseInt(half, 16) / 2 ** 32)
  return () => preset.shift() ?? random()
}

/**
 * Random source of a replayed node: no back-off delay, and a different nonce on every call. The
 * numbers are close to 0 and all different.
 */
export function countingRandom(): Random {
  let calls = 0
  return () => calls++ / 2 ** 30
}
