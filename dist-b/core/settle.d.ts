/** Settling: what a report of the receiver, a restart or the end of a session does to the entries of its sender. */
import type { DeadReason, Outcome } from '../model/dead-letter.ts';
import type { DeadEntry, Settlement } from './entries.ts';
import type { SessionReport } from './wire/frames.ts';
import type { Outbound } from './outbound.ts';
/** Takes in where the receiver stands: what is settled leaves the session. */
export declare function settle(out: Outbound, report: Pick<SessionReport, 'settled' | 'received' | 'rejections'>): Settlement;
/** Goes back to the first entry that has not arrived: it and all behind it are written again. */
export declare function rewind(out: Outbound): void;
/** Begins to count anew, with a new receiver or a new epoch; the caller has dealt with what was unacknowledged. */
export declare function restart(out: Outbound, receiver: Outbound['receiver']): void;
/** Puts what was unacknowledged back to the front of the queue. */
export declare function requeue(out: Outbound): void;
/** Gives up what was unacknowledged. */
export declare function giveUp(out: Outbound, reason: DeadReason, outcome: Outcome, detail?: string): DeadEntry[];
/** Gives up everything: what was written is `unknown`, the rest truly did not arrive. */
export declare function giveUpAll(out: Outbound, reason: DeadReason): DeadEntry[];
