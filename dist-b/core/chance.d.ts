/** Chance from a seed: the same seed throws the same dice. */
/** Throws a uniform number in [0, 1). */
export type Chance = () => number;
/**
 * Makes dice from a seed.
 *
 * The generator is sfc32 of Chris Doty-Humphrey's PractRand (https://pracrand.sourceforge.net),
 * seeded as there: the seed in two words, a counter of 1, twelve rounds thrown away. Not for
 * secrets.
 *
 * @param seed any safe integer; what stands behind the point is cut off
 */
export declare function seededChance(seed: number): Chance;
