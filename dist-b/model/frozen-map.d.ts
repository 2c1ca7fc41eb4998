/** Maps that nobody can change: what a stream hands out is the same for everyone. */
/** Copies a map into one that throws whenever somebody tries to change it. */
export declare function frozenMap<K, V>(entries: Iterable<readonly [K, V]>): ReadonlyMap<K, V>;
