/** The keys of objects, seen before: most messages have the same few. */
/**
 * Remembers so many short keys by their bytes. Strangers can fill it with theirs; it just forgets.
 */
export declare class KeyCache {
    #private;
    /** The key that stands in these bytes, if it is known. */
    find(source: Uint8Array, start: number, end: number): string | undefined;
    /** Remembers a key. */
    keep(source: Uint8Array, start: number, end: number, key: string): void;
}
