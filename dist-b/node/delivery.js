/** Deliveries: envelopes whose senders wait for the receipt. */
import { Observable } from 'rxjs';
import { ClusterError } from '../model/cluster-error.js';
/**
 * One envelope on its way to one receiver, with everybody who waits for it.
 *
 * It remembers what became of it: whoever subscribes after it was taken gets the receipt at once, and nothing is sent again.
 */
export class Delivery {
    receipts;
    #receipt;
    #desk;
    #waiting = new Set();
    #entry;
    #fate;
    constructor(receipt, desk) {
        this.#receipt = receipt;
        this.#desk = desk;
        this.receipts = new Observable((subscriber) => this.#join(subscriber));
    }
    /** The receiver's inbox has taken it. */
    taken() {
        this.#fate = { type: 'taken' };
        this.#entry = undefined;
        for (const subscriber of this.#leave()) {
            subscriber.next(this.#receipt);
            subscriber.complete();
        }
    }
    /** It will not arrive, or nobody can tell. */
    died({ reason, outcome, detail }) {
        this.#entry = undefined;
        const error = deliveryError(this.#receipt, reason, outcome, detail);
        // What truly did not arrive may be sent again by subscribing again; what perhaps did must not.
        if (outcome === 'unknown')
            this.#fate = { type: 'unknown', error };
        for (const subscriber of this.#leave())
            subscriber.error(error);
    }
    #join(subscriber) {
        const fate = this.#fate;
        if (fate?.type === 'taken') {
            subscriber.next(this.#receipt);
            subscriber.complete();
        }
        else if (fate?.type === 'unknown') {
            subscriber.error(fate.error);
        }
        else {
            this.#waiting.add(subscriber);
            this.#entry ??= this.#desk.send(this);
        }
        return () => this.#part(subscriber);
    }
    #part(subscriber) {
        if (!this.#waiting.delete(subscriber) || this.#waiting.size > 0)
            return;
        const entry = this.#entry;
        if (entry === undefined)
            return;
        if (this.#desk.withdraw(entry))
            this.#entry = undefined;
    }
    #leave() {
        const all = [...this.#waiting];
        this.#waiting.clear();
        return all;
    }
}
/** What `deliver` errors with. */
export function deliveryError({ pid, msgId }, reason, outcome, detail) {
    const why = detail === undefined ? reason : `${reason} (${detail})`;
    return outcome === 'unknown'
        ? new ClusterError('DELIVERY_UNKNOWN', `envelope ${msgId} to ${pid} may or may not have arrived: ${why}`)
        : new ClusterError('NOT_DELIVERED', `envelope ${msgId} to ${pid} did not arrive: ${why}`);
}
