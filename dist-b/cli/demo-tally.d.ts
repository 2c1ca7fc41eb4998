/** The demo's tally: what is lost and what is duplicated, from what each receiver saw and from nothing else. */
import type { Run } from './demo-words.ts';
/** Counts what one cluster of receivers saw. */
export declare class DemoTally {
    #private;
    delivered: number;
    duplicated: number;
    /** Numbers that nobody can have sent. */
    invented: number;
    constructor(peers: number, messages: number);
    get expected(): number;
    get lost(): number;
    /** How many different messages a receiver has seen. */
    receivedBy(pid: number): number;
    add(receiver: number, runs: readonly Run[]): void;
}
