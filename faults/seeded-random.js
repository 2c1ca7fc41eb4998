/** Seeded random numbers, so that a failed run can be repeated. */

/** @returns uniform numbers in [0, 1), the same sequence for the same seed (mulberry32) */
export function seededRandom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** @returns a random item */
export function oneOf(random, items) {
  return items[Math.floor(random() * items.length)]
}
