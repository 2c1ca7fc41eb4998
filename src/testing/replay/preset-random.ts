/** Chance that begins with a life that is known already. */
import type { Random } from '../../base/seeded-random.ts'
import type { Incarnation } from '../../model/envelope.ts'

const HALF_LENGTH = 8

/**
 * Dice that give a node this incarnation, which is what it throws them for first; then they fall as
 * they do.
 */
export function presetRandom(incarnation: Incarnation, random: Random): Random {
  const halves = [incarnation.slice(0, HALF_LENGTH), incarnation.slice(HALF_LENGTH)]
  const preset = halves.map((half) => Number.parseInt(half, 16) / 2 ** 32)
  return () => preset.shift() ?? random()
}

/**
 * Dice that never make anybody wait, and never fall twice alike: whoever hangs up dials again at
 * once, and every question has another nonce.
 */
export function countingRandom(): Random {
  let calls = 0
  return () => calls++ / 2 ** 30
}
