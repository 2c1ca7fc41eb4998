/**
 * The sender's end of a session: what waits, what is written and not yet acknowledged, and what became of the rest.
 *
 * A session belongs to an ordered pair of nodes and outlives connections. Its entries are numbered from 1:
 *
 *     1 … settled | unacked: written ones, then ones to write again | waiting
 *                              └ `written` of them went out on the present connection
 */
import type { Incarnation } from '../model/envelope.ts';
import type { Overflow } from '../model/limits.ts';
import type { Pid } from '../model/pid.ts';
import type { LinkState } from '../model/peer.ts';
import type { RefusalReason } from '../model/node-event.ts';
import type { DeadEntry, Entry } from './entries.ts';
import { Deque } from './deque.ts';
/** How a session stands with its receiver. */
export type Standing = 'new' | 'asked' | 'welcome' | 'refused';
/** What bounds a session at its sender. */
export interface OutboundLimits {
    readonly bufSize: number;
    readonly bufBytes: number;
    readonly overflow: Overflow;
    readonly windowBytes: number;
    readonly resendOnRestart: boolean;
    readonly peerGoneMs: number;
}
/** Numbers the sessions of a node: the later one has the larger epoch. */
export interface Epochs {
    last: number;
}
/** A session as its sender holds it. */
export interface Outbound {
    readonly from: Pid;
    readonly incarnation: Incarnation;
    readonly to: Pid;
    readonly limits: OutboundLimits;
    readonly epochs: Epochs;
    epoch: number;
    standing: Standing;
    /** What it last asked with: only an answer to that counts. */
    nonce: number;
    /** When to ask again, while refused. */
    askAtMs: number;
    /** Refusals in a row, and what the last of them was for. */
    refusals: number;
    refusedFor: RefusalReason | undefined;
    /** How the link stands for this session, as it was last told. */
    state: LinkState;
    /** Whom the numbers are counted with; undefined before the first WELCOME. */
    receiver: {
        readonly incarnation: Incarnation;
        readonly toEpoch: number;
    } | undefined;
    settled: number;
    /** How far it has arrived, as the receiver last told. */
    received: number;
    readonly unacked: Deque<Entry>;
    unackedBytes: number;
    written: number;
    writtenBytes: number;
    readonly waiting: Deque<Entry>;
    waitingBytes: number;
    /** No waiting entry is older than this. */
    nextExpiryMs: number;
    credit: number;
    /** The largest message that the receiver takes; unknown before the first WELCOME. */
    maxMessageBytes: number;
    /** The last numbers of the frames that have not arrived yet, as far as we know. */
    readonly frameEnds: Deque<number>;
    /** The last number written before the last PING: if it has not arrived by PONG, it is lost. */
    pingMark: number;
    /** The receiver has spoken of this session since the last PING. */
    reported: boolean;
    /** One number whose round trip is being timed, and since when. */
    timed: {
        readonly end: number;
        readonly sinceMs: number;
    } | undefined;
    roundTripMs: number | undefined;
    /** Since when it has not been welcome; undefined while it is. */
    awaySinceMs: number | undefined;
}
/** Begins a session. */
export declare function openOutbound(names: Pick<Outbound, 'from' | 'incarnation' | 'to' | 'limits' | 'epochs'>, nowMs: number): Outbound;
/** Entries that are neither delivered nor dead. */
export declare function inFlight(out: Outbound): number;
/**
 * Puts an entry at the end of the queue.
 *
 * @returns what had to go: this one, if the receiver does not take anything so large or the queue is full and drops the
 *   newest; or the oldest ones that are not yet written
 */
export declare function enqueue(out: Outbound, entry: Entry): DeadEntry[];
/** Takes back an entry that has not been written; false where it is too late. */
export declare function withdraw(out: Outbound, entry: Entry): boolean;
/** Takes out what has waited too long. */
export declare function expire(out: Outbound, nowMs: number): DeadEntry[];
/** The next entry to write, if window and credit let it go; it is then counted as written. */
export declare function writeNext(out: Outbound): Entry | undefined;
/** Gives up what is waiting and larger than the receiver takes. */
export declare function giveUpLarge(out: Outbound): DeadEntry[];
