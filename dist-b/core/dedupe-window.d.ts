/** The dedupe window: remembers the last distinct keys, and no more of them. */
/** Remembers the last `size` distinct keys, in constant time and bounded memory. */
export declare class DedupeWindow {
    #private;
    /** @param size keys, an integer of at least 1 */
    constructor(size: number);
    /**
     * Takes a key in, and tells whether it was new.
     *
     * A key that is seen again grows no younger: it is forgotten when `size` others have come after
     * its first time.
     */
    admit(key: string): boolean;
}
