/**
 * Entries: one envelope each, encoded once, carried by every DATA frame that needs it.
 *
 *     body length u32 | flags u8 | msgId u64 | re u64, if flag 1 | body, unless flag 2
 *
 * Flag 2: the body stands in a part of its own, so that large ones are never copied into a batch.
 */
import type { MsgId } from '../../model/envelope.ts';
/** The bytes of an entry before its body, without and with `re`. */
export declare const ENTRY_HEADER_BYTES = 13;
export declare const ENTRY_HEADER_WITH_RE_BYTES = 21;
/** A body of so many bytes travels in a part of its own. */
export declare const OWN_PART_BYTES: number;
/** The headroom that an entry's header needs in front of its body. */
export declare function headroom(re: MsgId | undefined): number;
/**
 * Fills the header in front of a body.
 *
 * @param bytes `headroom(re)` free bytes, then the body
 */
export declare function writeEntryHeader(bytes: Uint8Array, msgId: MsgId, re: MsgId | undefined): void;
/** Where the body of an encoded entry begins. */
export declare function bodyStart(bytes: Uint8Array): number;
/** Tells whether the body of an encoded entry travels in a part of its own. */
export declare function hasOwnPart(bytes: Uint8Array): boolean;
/** Walks the entries of one DATA frame. After `next`, the fields tell of the entry that it stands on. */
export declare class EntryCursor {
    #private;
    msgId: MsgId;
    re: MsgId | undefined;
    /** The bytes that hold the body, from `start` up to `end`. */
    body: Uint8Array;
    start: number;
    end: number;
    constructor(parts: readonly Uint8Array[], offset: number);
    /** Copies the frame, which was only lent: what is not yet walked outlives the transport's memory. */
    keep(): void;
    /** @throws Unreadable where the bytes end before the entry does */
    next(): void;
}
/** Reads the header of an encoded entry, as it was written here. */
export declare function readEntryHeader(bytes: Uint8Array): {
    readonly msgId: MsgId;
    readonly re?: MsgId;
};
