/** The receiver's end of a session: one small record per member. */
import type { DataFrame, Rejection, SessionReport } from './wire/frames.ts';
import type { Incarnation } from '../model/envelope.ts';
import type { Pid } from '../model/pid.ts';
/** Names an accepted connection; opaque. */
export type ConnectionId = string;
/** A session as its receiver holds it. */
export interface Inbound {
    readonly pid: Pid;
    readonly incarnation: Incarnation;
    /** The sender's epoch. */
    readonly epoch: number;
    /** Mine: new whenever the sender becomes a member. */
    readonly toEpoch: number;
    /** Where the sender can be answered; undefined while it is away. */
    connection: ConnectionId | undefined;
    /** Everything up to this number is taken, or rejected. */
    settled: number;
    /** Everything up to this number is here. */
    received: number;
    /** What the sender may not know yet; it leaves once the sender says how far it knows. */
    rejections: Rejection[];
    ackDue: boolean;
    /** The number that is missing, told once. */
    gap: number | undefined;
}
/** Some entries of one session, new and in order, for the inbox to take. */
export interface Run {
    readonly session: Inbound;
    /** The sequence number of the first entry that is new. */
    readonly first: number;
    /** How many entries are new. */
    readonly count: number;
    /** How many entries stand before them in the frame. */
    readonly skip: number;
    readonly offset: number;
    readonly parts: readonly Uint8Array[];
}
/** Begins a session. */
export declare function openInbound(names: Pick<Inbound, 'pid' | 'incarnation' | 'epoch' | 'toEpoch' | 'connection'>): Inbound;
/** Takes in a DATA frame: what is new in it, if anything is, and in any case an acknowledgement falls due. */
export declare function accept(session: Inbound, frame: DataFrame): Run | undefined;
/** Forgets the rejections that the sender knows of. */
export declare function forget(session: Inbound, settled: number): void;
/**
 * Tells where a session stands.
 *
 * @param credit bytes that may be written beyond what is settled; 0 while the inbox takes nothing
 */
export declare function report(session: Inbound, credit: number): SessionReport;
