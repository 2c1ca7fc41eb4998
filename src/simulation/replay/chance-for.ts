/** Chance that begins with a life that is known already. */
import type { Chance } from '../../core/chance.ts'
import type { Incarnation } from '../../model/envelope.ts'

const HALF = 8

/**
 * Dice that give a node this incarnation, which is what it throws them for first; then they fall as
 * they do.
 */
export function chanceFor(incarnation: Incarnation, chance: Chance): Chance {
  const halves = [incarnation.slice(0, HALF), incarnation.slice(HALF)]
  const first = halves.map((half) => Number.parseInt(half, 16) / 2 ** 32)
  return () => first.shift() ?? chance()
}

/**
 * Dice that never make anybody wait, and never fall twice alike: whoever hangs up dials again at
 * once, and every question has another nonce.
 */
export function promptChance(): Chance {
  let throws = 0
  return () => throws++ / 2 ** 30
}
