/** Seeded pseudo-random numbers. */

/** Returns a uniform number in [0, 1), as `Math.random` does. */
export type Random = () => number

const MIXING_ROUNDS = 12

/**
 * Creates a generator that yields the same numbers for the same seed. Not for secrets.
 *
 * The generator is sfc32 of Chris Doty-Humphrey's PractRand (https://pracrand.sourceforge.net),
 * seeded as there: the seed in two words, a counter of 1, and twelve discarded rounds.
 *
 * @param seed any safe integer; a fraction is truncated
 */
export function seededRandom(seed: number): Random {
  const integer = Math.trunc(seed)
  let a = 0
  let b = integer | 0
  let c = Math.floor(integer / 2 ** 32) | 0
  let counter = 1
  const next = (): number => {
    const output = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + output) | 0
    return output >>> 0
  }
  for (let round = 0; round < MIXING_ROUNDS; round++) next()
  return () => next() / 2 ** 32
}
