/** Stamping: turns what was put into the outbox into bytes, or says why that cannot be. */
import { type MsgId, type OutgoingEnvelope } from '../model/envelope.ts';
import { type Codec } from '../ports/codec.ts';
import type { DeadReason } from '../model/dead-letter.ts';
import type { Entry } from '../core/entries.ts';
import type { Pid } from '../model/pid.ts';
/** An envelope that can travel. */
export interface Stamped {
    /** The receiver, or `BROADCAST`. */
    readonly pid: Pid;
    readonly msgId: MsgId;
    readonly bytes: Uint8Array;
    readonly ttlMs: number;
}
/** An envelope that cannot. */
export interface Unstampable {
    /** Its receiver, as far as it has one. */
    readonly pid: Pid | undefined;
    readonly reason: DeadReason;
    readonly detail: string;
}
/** What stamps need to know. */
export interface StampLimits {
    readonly startMsgId: number;
    readonly maxMessageBytes: number;
    readonly ttlMs: number;
}
/** Stamps the envelopes of one node. */
export declare class Stamper {
    #private;
    constructor(codec: Codec, limits: StampLimits);
    /** Encodes an envelope now: what is changed in it later is not seen any more. */
    stamp(value: unknown): Stamped | Unstampable;
    /** Reads a stamped envelope again, as it was when it entered the outbox. */
    open(pid: Pid, { bytes }: Pick<Entry, 'bytes'>): OutgoingEnvelope;
}
