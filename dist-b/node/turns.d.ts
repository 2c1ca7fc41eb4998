/** Taking turns: what comes in the middle of a piece of work waits until that is done. */
/** Works things off one after the other. */
export declare class Turns<T> {
    #private;
    constructor(work: (item: T) => void);
    /** Works it off now, or as soon as its turn comes. */
    take(item: T): void;
}
