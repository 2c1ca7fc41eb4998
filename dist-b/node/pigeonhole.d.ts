/** A pigeonhole: the queue of one peer, its place on a link, and its account. */
import type { DeadEntry, Entry, Settlement } from '../core/entries.ts';
import { type Epochs } from '../core/outbound.ts';
import type { LinkState, Peer } from '../model/peer.ts';
import type { LinkPool } from './link-pool.ts';
import type { Environment } from '../ports/environment.ts';
import type { Incarnation } from '../model/envelope.ts';
import type { NodeConfig } from '../model/config.ts';
import type { NodeEvent } from '../model/node-event.ts';
import type { Pid } from '../model/pid.ts';
import { Account } from './ledger.ts';
/** What a pigeonhole tells the mailroom. */
export interface PigeonholeOwner {
    settled(pid: Pid, settlement: Settlement): void;
    state(pid: Pid, state: LinkState): void;
    event(event: NodeEvent): void;
}
/** What all the pigeonholes of a node share. */
export interface PigeonholeParts {
    readonly environment: Environment;
    readonly config: NodeConfig;
    readonly incarnation: Incarnation;
    readonly pool: LinkPool;
    readonly epochs: Epochs;
}
/** The largest part that a node lets its peers send. */
export declare function maxPartBytes({ maxMessageBytes }: Pick<NodeConfig, 'maxMessageBytes'>): number;
/** The queue of one peer. */
export declare class Pigeonhole {
    #private;
    readonly account: Account;
    constructor(parts: PigeonholeParts, peer: Peer, owner: PigeonholeOwner);
    get endpoint(): string;
    get pid(): Pid;
    /** Puts an entry into the queue. @returns what had to go for it, counted but not yet told */
    put(entry: Entry): DeadEntry[];
    /** Takes an entry out of the queue; false where it has been written. */
    takeBack(entry: Entry): boolean;
    /** Goes on at another address; nothing is lost. */
    move(peer: Peer): void;
    /** Gives up the link, and all that is left. @returns what is dead, counted but not yet told */
    close(reason: 'closed' | 'peer-removed'): DeadEntry[];
}
