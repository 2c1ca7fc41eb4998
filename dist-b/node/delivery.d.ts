/** Deliveries: envelopes whose senders wait for the receipt. */
import { Observable } from 'rxjs';
import { ClusterError } from '../model/cluster-error.ts';
import type { DeadEntry, Entry } from '../core/entries.ts';
import type { DeadReason, Outcome } from '../model/dead-letter.ts';
import type { Receipt } from '../model/envelope.ts';
/** How a delivery gets its envelope into the queue of its receiver, and out again. */
export interface DeliveryDesk {
    /** Puts it into the queue. The fate may be told before this returns. */
    send(ticket: Delivery): Entry | undefined;
    /** Takes it back; false where it has been written. */
    withdraw(entry: Entry): boolean;
}
/**
 * One envelope on its way to one receiver, with everybody who waits for it.
 *
 * It remembers what became of it: whoever subscribes after it was taken gets the receipt at once, and nothing is sent again.
 */
export declare class Delivery {
    #private;
    readonly receipts: Observable<Receipt>;
    constructor(receipt: Receipt, desk: DeliveryDesk);
    /** The receiver's inbox has taken it. */
    taken(): void;
    /** It will not arrive, or nobody can tell. */
    died({ reason, outcome, detail }: Pick<DeadEntry, 'reason' | 'outcome' | 'detail'>): void;
}
/** What `deliver` errors with. */
export declare function deliveryError({ pid, msgId }: Receipt, reason: DeadReason, outcome: Outcome, detail: string | undefined): ClusterError;
