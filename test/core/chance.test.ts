/** Seeded chance: the same seed, the same dice, and fair ones. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededChance } from '../../src/core/chance.ts'

/** sfc32 as PractRand writes it, in exact integers. */
function* reference(seed: number): Generator<number> {
  const word = 2n ** 32n
  const cut = (value: bigint): bigint => ((value % word) + word) % word
  let [a, b, c, counter] = [0n, cut(BigInt(seed)), cut(BigInt(seed) >> 32n), 1n]
  for (let round = 0; ; round++) {
    const out = cut(a + b + counter++)
    a = b ^ (b >> 9n)
    b = cut(c + (c << 3n))
    c = cut(cut(c << 21n) + (c >> 11n) + out)
    if (round >= 12) yield Number(out) / 2 ** 32
  }
}

describe('seededChance', () => {
  it('is sfc32, for every safe integer', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (seed) => {
        const chance = seededChance(seed)
        const expected = reference(seed)
        for (let n = 0; n < 50; n++) expect(chance()).toBe(expected.next().value)
      }),
    )
  })

  it('throws different dice for neighbouring seeds', () => {
    const firsts = Array.from({ length: 1_000 }, (_, seed) => seededChance(seed)())
    expect(new Set(firsts).size).toBe(1_000)
  })

  it('is uniform: 100,000 throws fill 100 boxes as dice would (chi-squared, 99.9 %)', () => {
    const chance = seededChance(42)
    const boxes = Array.from({ length: 100 }, () => 0)
    for (let n = 0; n < 100_000; n++) {
      const box = Math.floor(chance() * 100)
      boxes[box] = (boxes[box] ?? 0) + 1
    }
    const chiSquared = boxes.reduce((total, count) => total + (count - 1_000) ** 2 / 1_000, 0)
    expect(chiSquared).toBeLessThan(148.2)
    expect(chiSquared).toBeGreaterThan(60)
  })
})
