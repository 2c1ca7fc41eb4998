/** The nearest word: what somebody who mistyped probably meant. */
/**
 * The one of `words` that takes the fewest slips (a letter missing, added, wrong, or two swapped)
 * to become `typed`; upper and lower case count as the same. Undefined where none is near.
 */
export declare function nearest(typed: string, words: Iterable<string>): string | undefined;
