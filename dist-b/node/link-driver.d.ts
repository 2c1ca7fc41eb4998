import type { Transport, TransportOptions } from '../ports/transport.ts';
import type { Environment } from '../ports/environment.ts';
import type { LinkState } from '../model/peer.ts';
import type { Outbound } from '../core/outbound.ts';
import type { Pid } from '../model/pid.ts';
import type { RefusalReason } from '../model/node-event.ts';
import type { Settlement } from '../core/entries.ts';
/** What the node behind a session is told. */
export interface SessionOwner {
    /** Counts a settlement; must not call back. Every settlement of a step is counted BEFORE any of them is told. */
    count(settlement: Settlement): void;
    settled(settlement: Settlement): void;
    state(state: LinkState): void;
    welcomed(restarted: boolean): void;
    refused(reason: RefusalReason, detail: string): void;
    badFrame(detail: string): void;
    /** This process did not run for so long. */
    lagged(lagMs: number): void;
}
/** Whom a link calls, and how. */
export interface LinkNames {
    readonly cluster: string;
    readonly to: Pid;
    readonly endpoint: string;
    readonly options: TransportOptions;
}
/** Drives one link. */
export declare class LinkDriver {
    #private;
    constructor(environment: Environment, transport: Transport, names: LinkNames);
    /** Tells whether it carries nobody. */
    get idle(): boolean;
    /** Tells whether a local node of this pid is on it. */
    carries(pid: Pid): boolean;
    add(session: Outbound, owner: SessionOwner): void;
    remove(session: Outbound, moves: boolean): void;
    /** Writes what is waiting, once the present piece of work is done. */
    flush(): void;
    /** Hangs up for good. */
    close(): void;
}
