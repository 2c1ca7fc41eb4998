import type { ObservableInput, Observer, OperatorFunction } from 'rxjs';
/** What can be stopped, and goes on when what it returned is called: a node, for one. */
export interface Pausable {
    pause(): () => void;
}
/** Pushes back: see `pause`. */
export interface PushBack {
    readonly pausable: Pausable;
}
/** How much at a time, and what if it is too much. */
export interface BoundedOptions<T> {
    /** How many values are worked on at once: an integer of at least 1, or Infinity. Default: 1. */
    readonly concurrency?: number;
    /**
     * What becomes of a value that finds the queue full. Default: `error`.
     *
     * - `drop-oldest`: it waits, and what has waited longest is dropped
     * - `drop-newest`: it is dropped
     * - `error`: the result errors with `BUFFER_FULL`
     * - `pause(pausable)`: there is none, because the full queue has paused where values come from;
     *   if they come all the same, `BUFFER_FULL`
     */
    readonly overflow?: 'drop-oldest' | 'drop-newest' | 'error' | PushBack;
    /** Is told each value that is dropped. */
    readonly dropped?: Pick<Observer<T>, 'next'>;
}
/**
 * Makes a full queue pause something, and a half empty one resume it.
 *
 * @param pausable a node, or anything with its `pause`
 */
export declare function pause(pausable: Pausable): PushBack;
/**
 * Works on some values at a time, while no more than `bufSize` others wait.
 *
 * ```marbles
 * # one is worked on, one may wait; b has waited longer than c and is dropped
 * bounded 1 drop-oldest concurrency=1 work=5ms
 * source  -abc---|
 * ----
 * result  ------a----(c|)
 * dropped ---b---
 * ```
 *
 * When the source completes, what waits is still worked on; the result completes after it. An error
 * of the source or of the work passes through at once, and what waits is forgotten. Whatever it has
 * paused is resumed when a subscription ends. Every subscription has a queue of its own.
 *
 * @param bufSize how many values may wait: an integer of at least 0
 * @param project does the work; its values are the result, and it ends when its stream completes
 * @param options how many at a time, and what if the queue is full
 * @returns an operator whose subscription costs one of the source, up to `concurrency` of the work,
 *   and a queue of `bufSize`
 */
export declare function bounded<T, R>(bufSize: number, project: (value: T, index: number) => ObservableInput<R>, options?: BoundedOptions<T>): OperatorFunction<T, R>;
