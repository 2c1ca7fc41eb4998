/** The inbox: takes runs of entries off the reception, and tells their envelopes to whoever listens. */
import type { Inbound, Run } from '../core/inbound.ts';
import { Observable } from 'rxjs';
import type { Codec } from '../ports/codec.ts';
import type { Envelope } from '../model/envelope.ts';
import type { Rejection } from '../core/wire/frames.ts';
import type { Pid } from '../model/pid.ts';
/** What the inbox tells the node. */
export interface InboxOwner {
    /** So many more entries of a session are settled. */
    taken(session: Inbound, count: number, rejections: readonly Rejection[]): void;
    /** It stops taking, or takes again. */
    withhold(withheld: boolean): void;
    /** Something was emitted and nobody listened, for the first time since somebody did. */
    unheard(): void;
}
/** What bounds it. */
export interface InboxLimits {
    readonly bufSize: number;
    readonly maxMessageBytes: number;
}
/**
 * The taking end of a node.
 *
 * Before the first subscription envelopes wait, at most `bufSize` of them; after it the inbox is hot. While it is paused, or
 * that buffer is full, runs are held as the bytes they came in, not acknowledged, and bounded by the senders' windows.
 */
export declare class Inbox {
    #private;
    readonly envelopes: Observable<Envelope>;
    received: number;
    unheard: number;
    constructor(codec: Codec, limits: InboxLimits, owner: InboxOwner);
    get pauses(): number;
    /** Takes a run now, or holds it until it can. */
    offer(run: Run): void;
    /**
     * Takes nothing more of those who are no members, from this moment on, even in the middle of a run; what was taken up to
     * here is reported BEFORE it returns, so that a farewell tells the truth.
     */
    dismiss(isMember: (pid: Pid) => boolean): void;
    /** Stops taking. @returns takes again; works once */
    pause(): () => void;
    complete(): void;
}
