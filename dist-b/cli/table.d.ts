/** Tables of text. */
/**
 * Lays out rows in columns.
 *
 * @param rows cells of text; the first row is the head
 * @param right the columns that are aligned to the right
 */
export declare function table(rows: readonly (readonly string[])[], right: ReadonlySet<number>): string[];
