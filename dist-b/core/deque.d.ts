/** A queue with two ends on a ring of slots: constant time where an array's `shift` is linear. */
/** A double-ended queue. */
export declare class Deque<T> {
    #private;
    get length(): number;
    /** The item at `index` from the front; undefined outside. */
    at(index: number): T | undefined;
    push(item: T): void;
    unshift(item: T): void;
    shift(): T | undefined;
    pop(): T | undefined;
    /** Keeps, in order, what `keep` says yes to; tells what fell out. */
    retain(keep: (item: T) => boolean): T[];
    /** Empties the queue and tells what was in it, front first. */
    drain(): T[];
}
