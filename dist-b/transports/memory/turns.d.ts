/** Turns: work that waits until the present piece of work is done, in the order it was given in. */
/** Runs `work` later, never at once: `Environment.soon`, `queueMicrotask`, `setImmediate`. */
export type Soon = (work: () => void) => void;
/**
 * A first-in, first-out line of work in front of `soon`.
 *
 * One call of `soon` serves all that is waiting. What is added meanwhile waits for the next one, so
 * two ends that answer each other for ever still let everybody else have a turn in between.
 */
export declare class Turns {
    #private;
    constructor(soon: Soon);
    /** Adds work to the end of the line. Work that throws does so in a turn of its own. */
    take(work: () => void): void;
}
