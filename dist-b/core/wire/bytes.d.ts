/** Bytes: a writer that grows and a reader that never reads past the end. Everything is big-endian. */
/** A frame that cannot be read. */
export declare class Unreadable extends Error {
    readonly name = "Unreadable";
}
/** Writes the control frames: small, rare, and of any length. */
export declare class Writer {
    #private;
    u8(value: number): this;
    u16(value: number): this;
    u32(value: number): this;
    /** An integer from 0 to 2⁵³ − 1 in eight bytes. */
    u64(value: number): this;
    /** A u16 of bytes, then so many bytes of UTF-8. */
    text(value: string): this;
    /** Sixteen hex digits in eight bytes. */
    hex(value: string): this;
    done(): Uint8Array;
}
/** Reads a frame from its start; whatever it cannot read is `Unreadable`. */
export declare class Reader {
    #private;
    offset: number;
    constructor(bytes: Uint8Array);
    get left(): number;
    u8(): number;
    u16(): number;
    u32(): number;
    u64(): number;
    text(): string;
    hex(): string;
    /** Frames end where their layout ends. */
    end(): void;
}
