/**
 * A link: the caller's end of the connections to one address, and the sessions that it carries.
 *
 *     waiting ── dial ──► dialing ── opened, HELLO ──► greeting ── WELCOME or REFUSED ──► open
 *        ▲                   │                            │                                │
 *        └──── back-off ─────┴──────── closed, too late, refused as a whole, BYE ──────────┘
 *
 * A connection lives once. Sessions live on: what was not acknowledged is written again on the next connection, from where
 * WELCOME says the receiver stands.
 */
import type { LinkState } from '../model/peer.ts';
import type { Outbound } from './outbound.ts';
import type { Pid } from '../model/pid.ts';
import type { RefusalReason } from '../model/node-event.ts';
import type { Settlement } from './entries.ts';
import type { Frame, LinkTuning } from './link-tuning.ts';
import type { Step } from './step.ts';
import type { WireFrame } from './wire/frames.ts';
/** A link. */
export interface Link {
    readonly cluster: string;
    /** Who is expected to listen there. */
    readonly to: Pid;
    readonly tuning: LinkTuning;
    /** The sessions that it carries, by the pid of the local node. */
    readonly sessions: Map<Pid, Outbound>;
    phase: 'waiting' | 'dialing' | 'greeting' | 'open';
    /** Something went wrong since the last WELCOME. */
    failed: boolean;
    attempts: number;
    redialAtMs: number;
    /** When dialing or greeting has taken too long. */
    deadlineMs: number;
    /** What the last HELLO was said with. */
    nonce: number;
    heardAtMs: number;
    wroteAtMs: number;
    /** When the PING that has no answer yet was sent. */
    pingAtMs: number | undefined;
    pingToken: number;
    busy: boolean;
    /** Whose turn it is to write. */
    turn: number;
    /** When the next tick is due; Infinity for never. */
    wakeAtMs: number;
}
export type LinkEvent = 
/** A local node joins; a flush must follow. */
{
    readonly type: 'add';
    readonly session: Outbound;
}
/** A local node leaves: for good, or only for another address. */
 | {
    readonly type: 'remove';
    readonly session: Outbound;
    readonly moves: boolean;
} | {
    readonly type: 'opened';
} | {
    readonly type: 'closed';
    readonly reason: string;
} | {
    readonly type: 'frame';
    readonly frame: WireFrame;
}
/** Something may be waiting. */
 | {
    readonly type: 'flush';
}
/** `wakeAtMs` has come, `lagMs` too late. */
 | {
    readonly type: 'tick';
    readonly lagMs: number;
};
export type LinkEffect = {
    readonly type: 'dial';
} | {
    readonly type: 'hang-up';
} | {
    readonly type: 'send';
    readonly frame: Frame;
} | {
    readonly type: 'settled';
    readonly session: Outbound;
    readonly settlement: Settlement;
} | {
    readonly type: 'state';
    readonly session: Outbound;
    readonly state: LinkState;
} | {
    readonly type: 'welcomed';
    readonly session: Outbound;
    readonly restarted: boolean;
} | {
    readonly type: 'refused';
    readonly session: Outbound;
    readonly reason: RefusalReason;
    readonly detail: string;
} | {
    readonly type: 'bad-frame';
    readonly detail: string;
};
/** A link that has not dialed yet, and carries nobody. */
export declare function openLink(names: Pick<Link, 'cluster' | 'to' | 'tuning'>, nowMs: number): Link;
/** One step of a link: called once per frame, flush or tick, never per envelope. */
export declare const stepLink: Step<Link, LinkEvent, LinkEffect>;
