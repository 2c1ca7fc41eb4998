/** A subject whose subscribers all see the same order, whatever they do while they are told. */
import { Subject } from 'rxjs';
/**
 * A Subject that queues a `next` which comes while another one is being told.
 *
 *     a plain Subject tells the second subscriber   2 1   when the first one answers 1 with 2
 *     this one tells                                1 2
 */
export declare class OrderedSubject<T> extends Subject<T> {
    #private;
    /** @param first is told each value before any subscriber is */
    constructor(first?: (value: T) => void);
    next(value: T): void;
}
