/** Closing: drain, bounded by a deadline, then say goodbye. */
import type { Environment } from '../ports/environment.ts';
/** What closing needs from the node. */
export interface FarewellOwner {
    /** Own mail that is neither delivered nor dead. */
    readonly inFlight: number;
    /** The outbox goes deaf. */
    shut(): void;
    /** Gives up what is left, hangs up and stops listening; `closed` of this farewell follows. */
    leave(): void;
    /** Completes every stream. */
    end(): void;
}
/** The order in which a node closes. */
export declare class Farewell {
    #private;
    constructor(environment: Environment, timeoutMs: number, owner: FarewellOwner);
    get begun(): boolean;
    /** Begins, or tells when it will be over. */
    begin(): Promise<void>;
    /** Something has left the queues. */
    settled(): void;
    /** Nobody is listened to any more. */
    closed(): void;
}
