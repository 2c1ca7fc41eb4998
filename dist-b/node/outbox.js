import { OrderedSubject } from './ordered-subject.js';
/**
 * Takes outgoing envelopes. `of(1, 2).pipe(toPeer(2)).subscribe(node.outbox)` completes and must not silence the node:
 * `complete()` changes nothing, `error(e)` becomes an event, and only the node ends it.
 */
export class Outbox extends OrderedSubject {
    #owner;
    constructor(owner) {
        super((envelope) => owner.post(envelope));
        this.#owner = owner;
    }
    complete() {
        // Its user has finished; the node has not.
    }
    error(error) {
        this.#owner.failed(error);
    }
    /** Ends it: the node closes. */
    end() {
        super.complete();
    }
}
