/** The links: how they stand, told at most once per turn of the event loop. */
import type { LinkState, Links } from '../model/peer.ts';
import { BehaviorSubject } from 'rxjs';
import type { Environment } from '../ports/environment.ts';
import type { Pid } from '../model/pid.ts';
/**
 * Collects changes, and tells them together: copying a map for each of 700 links that come up at once would take seconds.
 */
export declare class LinkStates {
    #private;
    readonly subject: BehaviorSubject<Links>;
    constructor(environment: Environment, pids: Iterable<Pid>);
    set(pid: Pid, state: LinkState): void;
    /** Those who are new are connecting; those who are gone are gone. */
    keep(pids: {
        has(pid: Pid): boolean;
    } & Iterable<readonly [Pid, unknown]>): void;
    end(): void;
}
