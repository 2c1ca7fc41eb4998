/** The creation function `request`: a question and its answer. */
import { asyncScheduler, concat, defer, distinctUntilChanged, EMPTY, filter, finalize, map, merge, mergeMap, of, share, skip, startWith, Subject, take, takeUntil, throwError, timer, } from 'rxjs';
import { checkNumber } from '../core/check-number.js';
import { Deque } from '../core/deque.js';
import { ClusterError } from '../model/cluster-error.js';
import { BROADCAST } from '../model/pid.js';
import { ambientChance } from '../ports/ambient.js';
import { retryBackoff } from './retry-backoff.js';
/** How many envelopes may wait for the receipt that tells whether one of them is the answer. */
const MOST_EARLY = 1_024;
/**
 * Asks one peer, and emits its answer: the first envelope from that pid whose `re` is the
 * question's `msgId`.
 *
 * ```marbles
 * # b answers another question, c answers this one
 * request a timeoutMs=10
 * inbox   ---b-c---
 * a = to 2 as a: "ready?"
 * b = 2: "no" re d
 * c = 2: "yes" re a
 * ----
 * result  -----(c|)
 * outbox  a--------
 * ```
 *
 * It errors with `REQUEST_TIMEOUT`, with `PEER_DOWN` as soon as the peer goes down or leaves, with
 * `NOT_DELIVERED` or `DELIVERY_UNKNOWN` as `deliver` does, and with `CLOSED` when the inbox
 * completes. Unsubscribing stops waiting, and withdraws the question if it has not been written.
 * Each subscriber asks anew. `retry` waits again, and sends again only what is known not to have
 * been taken, with the same `msgId`: it never asks twice. Subscribe to the inbox before the first
 * request, since mail that came before any subscription goes to the first one.
 *
 * @param post what delivers the question and hears the answer
 * @param outgoing the question, to one peer: a broadcast is refused with `NOT_DELIVERED`
 * @param options times in milliseconds
 * @param chance throws a uniform number in [0, 1) per retry
 * @param scheduler keeps the time
 * @returns an observable whose subscription costs one of inbox, peers, links and `deliver` each,
 *   one timer, and, until the receipt, up to 1,024 envelopes of that peer that answer something
 */
export function request(post, outgoing, options = {}, chance = ambientChance, scheduler = asyncScheduler) {
    const { timeoutMs = 5_000, retry = 0 } = options;
    const backOff = typeof retry === 'number' ? { count: retry, baseMs: 100 } : retry;
    checkNumber('timeoutMs', timeoutMs, { least: 0 });
    const retried = retryBackoff(backOff, chance, scheduler);
    const { pid } = outgoing;
    if (pid === BROADCAST) {
        return throwError(() => new ClusterError('NOT_DELIVERED', 'a request asks one peer, not all'));
    }
    return defer(() => {
        const early = new Deque();
        const left = new Subject();
        let { msgId } = outgoing;
        const isAnswer = (envelope) => {
            if (envelope.pid !== pid || envelope.re === undefined)
                return false;
            if (msgId !== undefined)
                return envelope.re === msgId;
            early.push(envelope);
            if (early.length > MOST_EARLY)
                early.shift();
            return false;
        };
        // One delivery for all attempts: only a failed one is begun again.
        const delivery = post.deliver(outgoing).pipe(mergeMap((receipt) => {
            msgId = receipt.msgId;
            const answer = early.drain().find((envelope) => envelope.re === msgId);
            return answer === undefined ? EMPTY : of(answer);
        }), takeUntil(left), share({ resetOnComplete: false, resetOnRefCountZero: false }));
        const attempt = merge(gone(post, pid), late(pid, timeoutMs, scheduler), delivery);
        return merge(concat(post.inbox.pipe(filter(isAnswer)), closed()), attempt.pipe(retried)).pipe(take(1), finalize(() => left.next()));
    });
}
/** Errors as soon as the peer leaves, or its link goes down, after the subscription. */
function gone(post, pid) {
    const left = turns(post.peers, (peers) => !peers.has(pid));
    const down = turns(post.links, (links) => links.get(pid) === 'down');
    return merge(left.pipe(map(() => `peer ${pid} has left`)), down.pipe(map(() => `the link to peer ${pid} went down`))).pipe(map((message) => {
        throw new ClusterError('PEER_DOWN', message);
    }));
}
/** Emits when something becomes true that was not. */
function turns(states, test) {
    return defer(() => states.pipe(startWith(states.value))).pipe(map(test), distinctUntilChanged(), skip(1), filter(Boolean));
}
/** Errors when it is too late. */
function late(pid, timeoutMs, scheduler) {
    return timer(timeoutMs, scheduler).pipe(map(() => {
        throw new ClusterError('REQUEST_TIMEOUT', `no answer from peer ${pid} in ${timeoutMs} ms`);
    }));
}
function closed() {
    return throwError(() => new ClusterError('CLOSED', 'the inbox completed before the answer'));
}
