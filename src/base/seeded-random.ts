/** Chance from a seed: the same seed throws the same dice. */

/** Throws a uniform number in [0, 1). */
export type Random = () => number

const MIXING_ROUNDS = 12

/**
 * Makes dice from a seed.
 *
 * The generator is sfc32 of Chris Doty-Humphrey's PractRand (https://pracrand.sourceforge.net),
 * seeded as there: the seed in two words, a counter of 1, twelve rounds thrown away. Not for
 * secrets.
 *
 * @param seed any safe integer; what stands behind the point is cut off
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
