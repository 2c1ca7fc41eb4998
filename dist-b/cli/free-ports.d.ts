/**
 * Finds a start so that the ports start + 1 … start + count are free just now. They may be taken by the time they are used: then
 * try again.
 *
 * @param chance a uniform number in [0, 1)
 */
export declare function freeStart(count: number, chance: () => number): Promise<number>;
