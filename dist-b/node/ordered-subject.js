/** A subject whose subscribers all see the same order, whatever they do while they are told. */
import { Subject } from 'rxjs';
import { Turns } from './turns.js';
/**
 * A Subject that queues a `next` which comes while another one is being told.
 *
 *     a plain Subject tells the second subscriber   2 1   when the first one answers 1 with 2
 *     this one tells                                1 2
 */
export class OrderedSubject extends Subject {
    #turns;
    /** @param first is told each value before any subscriber is */
    constructor(first) {
        super();
        this.#turns = new Turns((value) => {
            first?.(value);
            super.next(value);
        });
    }
    next(value) {
        this.#turns.take(value);
    }
}
