import type { DeadLetter } from '../model/dead-letter.ts';
import type { LinkState, Peers } from '../model/peer.ts';
import type { PeerStats, Tally } from '../model/stats.ts';
import { type PigeonholeParts } from './pigeonhole.ts';
import type { Stamped, Stamper, Unstampable } from './stamp.ts';
import { Delivery } from './delivery.ts';
import type { NodeEvent } from '../model/node-event.ts';
import type { Pid } from '../model/pid.ts';
/** What the mailroom tells the node. */
export interface MailroomOwner {
    /** Whether anybody reads dead letters: opening them costs. */
    readonly deadLettersObserved: boolean;
    dead(letter: DeadLetter): void;
    event(event: NodeEvent): void;
    state(pid: Pid, state: LinkState): void;
    /** Something has left the queues. */
    settled(): void;
}
/** Sorts outgoing mail, one pigeonhole per peer. */
export declare class Mailroom {
    #private;
    constructor(parts: PigeonholeParts, stamper: Stamper, owner: MailroomOwner);
    /** Opens, closes and moves links, until the peers are as they are wanted. */
    reconcile(wanted: Peers): void;
    /** Takes in what was put into the outbox; it never throws. */
    post(value: unknown): void;
    /** Records an envelope that could not even be stamped; a broadcast once for each receiver. */
    refuse(value: unknown, why: Unstampable): void;
    /** An envelope for one receiver, for somebody who waits for the receipt. */
    delivery(stamped: Stamped): Delivery;
    /** So many more envelopes of a peer were taken by the inbox. */
    received(pid: Pid, count: number): void;
    tally(): Tally;
    stats(): ReadonlyMap<Pid, PeerStats>;
    /** Whatever is put in from now on is dead. */
    shut(): void;
    /** Gives up all links, and what is left. */
    close(): void;
}
