/** The ledger of a node: what became of the envelopes for each receiver. */
import type { PeerStats, Tally } from '../model/stats.ts';
import type { Outbound } from '../core/outbound.ts';
/** Counts one receiver's envelopes. */
export declare class Account implements Tally {
    #private;
    sent: number;
    delivered: number;
    dead: number;
    received: number;
    /** @param session where the envelopes in flight are; none for the receivers that are no peers */
    constructor(session?: Outbound);
    /** Counted where they are, so that the law can fail where the code is wrong. */
    get inFlight(): number;
    /** Takes over what a former peer's account says; nothing is in flight there any more. */
    add(former: Account): void;
    stats(): PeerStats;
}
/** Adds up accounts. */
export declare function total(accounts: Iterable<Tally>): Tally;
