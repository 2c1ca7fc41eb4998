/**
 * Phi: how surprising a silence is.
 *
 * Hayashibara, Défago, Yared, Katayama: "The φ accrual failure detector", SRDS 2004. Phi is −log10
 * of the probability that a pulse comes later than now, when the time between pulses is normally
 * distributed: at a threshold of 1 one suspicion in ten is wrong, at 8 one in a hundred million.
 */
/** Mean and standard deviation of the time between pulses, in milliseconds. */
export interface Rhythm {
    readonly meanMs: number;
    readonly stdDevMs: number;
}
/**
 * Tells how suspicious a silence is: 0 when none is expected to be shorter, and without limit as it
 * goes on.
 *
 * @param silenceMs since the last pulse, in milliseconds
 * @param rhythm what is expected; a `stdDevMs` of 0 makes any silence over the mean infinitely
 *   suspicious
 */
export declare function phi(silenceMs: number, { meanMs, stdDevMs }: Rhythm): number;
/** The last intervals between pulses. */
export declare class Pulses {
    #private;
    /** @param size intervals, an integer of at least 1 */
    constructor(size: number);
    /** Notes an interval; a clock that went back counts as no time. */
    add(intervalMs: number): void;
    /** Mean and standard deviation of what is remembered; undefined before the first interval. */
    rhythm(): Rhythm | undefined;
}
