/**
 * Copies a message, with every -0, bigint and `Date` in it spelled out.
 *
 * @param value checked before: no cycles, nothing that cannot be carried
 */
export declare function spelledOut(value: unknown): unknown;
