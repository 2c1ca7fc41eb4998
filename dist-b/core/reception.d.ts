/**
 * The reception: the listening end of a node, where the callers of all its peers arrive.
 *
 * Whom it lets in is decided by cluster, version, pid and membership; what they send becomes runs of entries for the inbox,
 * which says what it has taken, and only then is it acknowledged.
 */
import type { ConnectionId, Inbound, Run } from './inbound.ts';
import type { Frame } from './link-tuning.ts';
import type { Incarnation } from '../model/envelope.ts';
import type { Pid } from '../model/pid.ts';
import type { RefusalReason } from '../model/node-event.ts';
import type { Rejection, WireFrame } from './wire/frames.ts';
import type { Step } from './step.ts';
/** A reception. */
export interface Reception {
    readonly pid: Pid;
    readonly incarnation: Incarnation;
    readonly cluster: string;
    readonly windowBytes: number;
    readonly maxMessageBytes: number;
    /** Whom to let in, and the epoch in which each became a member. */
    readonly members: Map<Pid, number>;
    lastEpoch: number;
    readonly sessions: Map<Pid, Inbound>;
    /** Who was last turned away for not being a member, so that it hears of it when it becomes one. */
    readonly knocking: Map<Pid, ConnectionId>;
    /** The inbox takes nothing at present: no credit. */
    withheld: boolean;
    /** An acknowledgement is due. */
    ackDue: boolean;
}
export type ReceptionEvent = {
    readonly type: 'frame';
    readonly connection: ConnectionId;
    readonly frame: WireFrame;
} | {
    readonly type: 'gone';
    readonly connection: ConnectionId;
}
/** These are the members from now on. */
 | {
    readonly type: 'members';
    readonly pids: ReadonlySet<Pid>;
}
/** The inbox has settled the next `count` entries of a session, `rejections` among them. */
 | {
    readonly type: 'taken';
    readonly session: Inbound;
    readonly count: number;
    readonly rejections: readonly Rejection[];
}
/** The inbox has stopped taking, or takes again. */
 | {
    readonly type: 'withhold';
    readonly withheld: boolean;
}
/** Acknowledgements may go. */
 | {
    readonly type: 'flush';
}
/** The node closes. */
 | {
    readonly type: 'bye';
};
export type ReceptionEffect = {
    readonly type: 'send';
    readonly connection: ConnectionId;
    readonly frame: Frame;
} | {
    readonly type: 'take';
    readonly run: Run;
} | {
    readonly type: 'turned-away';
    readonly pid: Pid;
    readonly reason: RefusalReason;
    readonly detail: string;
} | {
    readonly type: 'restarted';
    readonly pid: Pid;
    readonly incarnation: Incarnation;
} | {
    readonly type: 'bad-frame';
    readonly detail: string;
};
/** A reception that lets nobody in yet. */
export declare function openReception(names: Pick<Reception, 'pid' | 'incarnation' | 'cluster' | 'windowBytes' | 'maxMessageBytes'>): Reception;
/** One step of a reception: called once per frame or flush, never per envelope. */
export declare const stepReception: Step<Reception, ReceptionEvent, ReceptionEffect>;
/** Sends what is due: one ACK per connection, for all its sessions. */
export declare function acknowledge(state: Reception, effects: ReceptionEffect[]): void;
/** Bytes that each sender may have outstanding. */
export declare function creditOf(state: Reception): number;
