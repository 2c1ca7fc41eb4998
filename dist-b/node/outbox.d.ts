/** The outbox: a Subject that survives whatever is connected to it. */
import type { OutgoingEnvelope } from '../model/envelope.ts';
import { OrderedSubject } from './ordered-subject.ts';
/** What the outbox tells the node. */
export interface OutboxOwner {
    post(value: unknown): void;
    failed(error: unknown): void;
}
/**
 * Takes outgoing envelopes. `of(1, 2).pipe(toPeer(2)).subscribe(node.outbox)` completes and must not silence the node:
 * `complete()` changes nothing, `error(e)` becomes an event, and only the node ends it.
 */
export declare class Outbox extends OrderedSubject<OutgoingEnvelope> {
    #private;
    constructor(owner: OutboxOwner);
    complete(): void;
    error(error: unknown): void;
    /** Ends it: the node closes. */
    end(): void;
}
