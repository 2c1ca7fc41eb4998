/** Chance from a seed: the same seed throws the same dice. */
const ROUNDS_TO_MIX = 12;
/**
 * Makes dice from a seed.
 *
 * The generator is sfc32 of Chris Doty-Humphrey's PractRand (https://pracrand.sourceforge.net),
 * seeded as there: the seed in two words, a counter of 1, twelve rounds thrown away. Not for
 * secrets.
 *
 * @param seed any safe integer; what stands behind the point is cut off
 */
export function seededChance(seed) {
    const whole = Math.trunc(seed);
    let a = 0;
    let b = whole | 0;
    let c = Math.floor(whole / 2 ** 32) | 0;
    let counter = 1;
    const next = () => {
        const out = (a + b + counter) | 0;
        counter = (counter + 1) | 0;
        a = b ^ (b >>> 9);
        b = (c + (c << 3)) | 0;
        c = (((c << 21) | (c >>> 11)) + out) | 0;
        return out >>> 0;
    };
    for (let round = 0; round < ROUNDS_TO_MIX; round++)
        next();
    return () => next() / 2 ** 32;
}
