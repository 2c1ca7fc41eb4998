/** The links of a transport: one per address and expected pid, shared by the nodes of a process. */
import { type LinkNames, type SessionOwner } from './link-driver.ts';
import type { Environment } from '../ports/environment.ts';
import type { Outbound } from '../core/outbound.ts';
import type { Transport } from '../ports/transport.ts';
/** The links of a transport, so that sockets grow with addresses and not with pairs of nodes. */
export declare class LinkPool {
    #private;
    constructor(transport: Transport);
    /** The pool of a transport: nodes that share the one share the other. */
    static of(transport: Transport): LinkPool;
    /** How many links there are. */
    get size(): number;
    /** Puts a session on the link to an address; the link is opened for the first one and closed after the last. */
    join(environment: Environment, names: LinkNames, session: Outbound, owner: SessionOwner): Seat;
}
/** A session's place on a link. */
export interface Seat {
    /** Writes what is waiting, soon. */
    flush(): void;
    /** Takes the session off the link; `moves` where it goes on at another address. */
    leave(moves: boolean): void;
}
