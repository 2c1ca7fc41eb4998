/** Where a text stops being JSON: the line, the column, and what should stand there. */
/** The first place in a text that is not JSON. */
export interface JsonFault {
    /** From 1. */
    readonly line: number;
    /** From 1, in UTF-16 units. */
    readonly column: number;
    readonly expected: string;
    readonly got: string;
}
/**
 * Finds the first place where a text is not JSON; undefined where all of it is.
 *
 * `JSON.parse` tells no position for half of its complaints. No recursion: nesting may be as deep
 * as it likes.
 */
export declare function jsonFault(text: string): JsonFault | undefined;
