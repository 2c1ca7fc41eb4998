import type { Pid } from '../../model/pid.ts';
/** What stands before the entries of a DATA frame. */
export interface BatchHeader {
    readonly pid: Pid;
    readonly epoch: number;
    readonly toEpoch: number;
    readonly settled: number;
    readonly first: number;
}
/** The bytes that an entry adds to the first part of its frame. */
export declare function bytesInline(entry: Uint8Array): number;
/**
 * Writes entries as one DATA frame. Small ones are copied into its first part, so that one send carries them all; the bodies
 * of large ones become parts as they are.
 *
 * @param entries encoded entries, in order; at least one
 */
export declare function encodeBatch(header: BatchHeader, entries: readonly Uint8Array[]): Uint8Array[];
