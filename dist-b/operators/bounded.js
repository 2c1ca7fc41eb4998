/** The operator `bounded`: a queue that cannot grow without limit, in front of slow work. */
import { defer, finalize, from, ignoreElements, merge, mergeMap, Subject, tap } from 'rxjs';
import { checkNumber } from '../core/check-number.js';
import { Deque } from '../core/deque.js';
import { ClusterError } from '../model/cluster-error.js';
/**
 * Makes a full queue pause something, and a half empty one resume it.
 *
 * @param pausable a node, or anything with its `pause`
 */
export function pause(pausable) {
    return { pausable };
}
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
export function bounded(bufSize, project, options = {}) {
    const { concurrency = 1, overflow = 'error', dropped } = options;
    checkNumber('bufSize', bufSize, { least: 0, whole: true });
    if (concurrency !== Infinity)
        checkNumber('concurrency', concurrency, { least: 1, whole: true });
    return (source) => defer(() => {
        const waiting = new Deque();
        const begun = new Subject();
        let active = 0;
        let ended = false;
        let pumping = false;
        let resume;
        const free = () => bufSize + concurrency - active - waiting.length;
        const release = () => {
            const go = resume;
            resume = undefined;
            go?.();
        };
        const pushBack = () => {
            if (typeof overflow === 'string' || ended)
                return;
            if (free() <= 0)
                resume ??= overflow.pausable.pause();
            else if (free() >= bufSize / 2)
                release();
        };
        // Work that is done at once comes back here: the loop, not the stack, takes the next one.
        const pump = () => {
            if (pumping)
                return;
            pumping = true;
            while (active < concurrency && waiting.length > 0) {
                active += 1;
                begun.next(waiting.shift());
            }
            pumping = false;
            if (ended && waiting.length === 0)
                begun.complete();
            pushBack();
        };
        const take = (value) => {
            if (free() > 0)
                waiting.push(value);
            else if (overflow === 'drop-newest')
                dropped?.next(value);
            else if (overflow === 'drop-oldest') {
                waiting.push(value);
                dropped?.next(waiting.shift());
            }
            else {
                throw new ClusterError('BUFFER_FULL', `${bufSize} values wait, and one more has come`);
            }
            pump();
        };
        const done = () => {
            active -= 1;
            pump();
        };
        const end = () => {
            ended = true;
            release();
            pump();
        };
        return merge(begun.pipe(mergeMap((value, index) => from(project(value, index)).pipe(tap({ complete: done })))), source.pipe(tap({ next: take, complete: end }), ignoreElements())).pipe(finalize(release));
    });
}
