/** Issues: what a decoder complains of, in lines that name the failing path. */
/**
 * Tells what is wrong, each problem in a line: `msg.term: expected number, got "a"`.
 *
 * The errors of io-ts are read with their context, those with a `path` and a `message` (as of zod)
 * too; from anything else comes one readable line. At most 20 lines, however much is wrong.
 *
 * @param complaint what stood in the decoder's `Left`, or what it threw
 * @param root what the path begins with
 */
export declare function issuesOf(complaint: unknown, root: string): readonly string[];
/** A value in a few words, at a cost that does not depend on its size. */
export declare function describe(value: unknown): string;
