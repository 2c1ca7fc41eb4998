/** The peers: a BehaviorSubject that refuses what is wrong, whole, before anybody has seen it. */
import { BehaviorSubject } from 'rxjs';
import { ClusterError } from '../model/cluster-error.ts';
import type { Peers } from '../model/peer.ts';
/** What the peers tell the node. */
export interface PeersOwner {
    /** Every problem of a map; empty where it may be. */
    problems(peers: Peers): readonly string[];
    /** Opens and closes links, BEFORE anybody is told. */
    reconcile(peers: Peers): void;
    refused(error: ClusterError): void;
}
/** Everyone but me. `next(map)` drives the links; only the node ends it. */
export declare class PeersSubject extends BehaviorSubject<Peers> {
    #private;
    /** @param peers those of the config; the first `reconcile` is `begin` */
    constructor(peers: Peers, owner: PeersOwner);
    /** Opens the links to the first peers. */
    begin(): void;
    next(peers: Peers): void;
    /** The same, for a caller who can catch. @throws ClusterError `PEER_INVALID` */
    change(peers: Peers): void;
    complete(): void;
    error(error: unknown): void;
    /** Ends it: the node closes. */
    end(): void;
    private problems;
}
