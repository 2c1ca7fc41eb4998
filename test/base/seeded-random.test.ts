/** Seeded random numbers: compared with a reference, and uniform. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/base/seeded-random.ts'

/** sfc32 as in PractRand, with exact integers. */
function* reference(seed: number): Generator<number> {
  const word = 2n ** 32n
  const toWord = (value: bigint): bigint => ((value % word) + word) % word
  let [a, b, c, counter] = [0n, toWord(BigInt(seed)), toWord(BigInt(seed) >> 32n), 1n]
  for (let round = 0; ; round++) {
    const out = toWord(a + b + counter++)
    a = b ^ (b >> 9n)
    b = toWord(c + (c << 3n))
    c = toWord(toWord(c << 21n) + (c >> 11n) + out)
    if (round >= 12) yield Number(out) / 2 ** 32
  }
}

describe('seededRandom', () => {
  it('is sfc32, for every safe integer', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (seed) => {
        const random = seededRandom(seed)
        const expected = reference(seed)
        for (let n = 0; n < 50; n++) expect(random()).toBe(expected.next().value)
      }),
    )
  })

  it('yields different numbers for neighbouring seeds', () => {
    const firsts = Array.from({ length: 1_000 }, (_, seed) => seededRandom(seed)())
    expect(new Set(firsts).size).toBe(1_000)
  })

  it('is uniform: 100,000 numbers in 100 buckets (chi-squared, 99.9 %)', () => {
    const random = seededRandom(42)
    const buckets = Array.from({ length: 100 }, () => 0)
    for (let n = 0; n < 100_000; n++) {
      const bucket = Math.floor(random() * 100)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }
    const chiSquared = buckets.reduce((total, count) => total + (count - 1_000) ** 2 / 1_000, 0)
    expect(chiSquared).toBeLessThan(148.2)
    expect(chiSquared).toBeGreaterThan(60)
  })
})
