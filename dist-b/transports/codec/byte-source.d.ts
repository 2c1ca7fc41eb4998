/**
 * Reads numbers, bytes and text off a range of bytes. Every method throws where they end too soon.
 */
export declare class ByteSource {
    #private;
    /** Where the next byte is. */
    at: number;
    /** Where the bytes end. */
    end: number;
    /** The memory in which they stand. */
    memory: Buffer<ArrayBuffer>;
    /** Begins to read. */
    open(bytes: Uint8Array, start: number, end: number): void;
    /** Lets the memory go: it is not kept alive by having been read. */
    close(): void;
    /** Steps over so many bytes. @returns where they begin */
    skip(length: number): number;
    uint8(): number;
    uint16(): number;
    uint32(): number;
    int64(): bigint;
    uint64(): bigint;
    float32(): number;
    float64(): number;
    /** So many bytes, as a copy. */
    bytes(length: number): Uint8Array;
    /** So many bytes of UTF-8. */
    text(length: number): string;
}
