import type { Observable, SchedulerLike } from 'rxjs';
import type { Chance } from '../core/chance.ts';
import type { Envelope, OutgoingEnvelope } from '../model/envelope.ts';
import type { Post } from '../ports/post.ts';
import type { RetryBackoffOptions } from './retry-backoff.ts';
/** What `request` needs of a post office. */
export type Asking = Pick<Post, 'inbox' | 'peers' | 'links' | 'deliver'>;
/** How long to wait, and how often. */
export interface RequestOptions {
    /** How long one attempt may take, in milliseconds. Default: 5,000. */
    readonly timeoutMs?: number;
    /**
     * How often to try again, or the options of `retryBackoff`; a bare count begins with 100 ms.
     * Default: 0.
     */
    readonly retry?: number | RetryBackoffOptions;
}
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
export declare function request(post: Asking, outgoing: OutgoingEnvelope, options?: RequestOptions, chance?: Chance, scheduler?: SchedulerLike): Observable<Envelope>;
