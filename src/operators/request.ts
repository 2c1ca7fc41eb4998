/** The creation function `request`: a question and its answer. */
import {
  asyncScheduler,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  finalize,
  map,
  merge,
  mergeMap,
  of,
  pairwise,
  share,
  skip,
  startWith,
  Subject,
  take,
  takeUntil,
  throwError,
  timer,
} from 'rxjs'
import type { Observable, SchedulerLike } from 'rxjs'
import type { Chance } from '../core/chance.ts'
import { checkNumber } from '../core/check-number.ts'
import { Queue } from '../core/queue.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Envelope, OutgoingEnvelope } from '../model/envelope.ts'
import { BROADCAST } from '../model/pid.ts'
import type { Pid } from '../model/pid.ts'
import { ambientChance } from '../ports/ambient.ts'
import type { Post } from '../ports/post.ts'
import { retryBackoff } from './retry-backoff.ts'
import type { RetryBackoffOptions } from './retry-backoff.ts'

/** What `request` needs of a post office. */
export type Asking = Pick<Post, 'inbox' | 'peers' | 'links' | 'deliver'>

/** How long to wait, and how often. */
export interface RequestOptions {
  /** How long one attempt may take, in milliseconds. Default: 5,000. */
  readonly timeoutMs?: number
  /**
   * How often to try again, or the options of `retryBackoff`; a bare count begins with 100 ms.
   * Default: 0.
   */
  readonly retry?: number | RetryBackoffOptions
}

/** How many envelopes may wait for the receipt that tells whether one of them is the answer. */
const MOST_EARLY = 1_024

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
 * It errors with `REQUEST_TIMEOUT`, with `PEER_DOWN` as soon as a peer that was up goes down, or
 * leaves, with `NOT_DELIVERED` or `DELIVERY_UNKNOWN` as `deliver` does, and with `CLOSED` when the
 * inbox completes. A peer that is not up yet is waited for. Unsubscribing stops waiting, and
 * withdraws the question if it has not been written. Each subscriber asks anew. `retry` waits
 * again, and sends again only what is known not to have
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
export function request(
  post: Asking,
  outgoing: OutgoingEnvelope,
  options: RequestOptions = {},
  chance: Chance = ambientChance,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<Envelope> {
  const { timeoutMs = 5_000, retry = 0 } = options
  const backOff = typeof retry === 'number' ? { count: retry, baseMs: 100 } : retry
  checkNumber('timeoutMs', timeoutMs, { least: 0 })
  const retried = retryBackoff<Envelope>(backOff, chance, scheduler)
  const { pid } = outgoing
  if (pid === BROADCAST) {
    return throwError(() => new ClusterError('NOT_DELIVERED', 'a request asks one peer, not all'))
  }
  return defer(() => {
    const early = new Queue<Envelope>()
    const left = new Subject<void>()
    let { msgId } = outgoing

    const isAnswer = (envelope: Envelope): boolean => {
      if (envelope.pid !== pid || envelope.re === undefined) return false
      if (msgId !== undefined) return envelope.re === msgId
      early.push(envelope)
      if (early.length > MOST_EARLY) early.shift()
      return false
    }
    // One delivery for all attempts: only a failed one is begun again.
    const delivery = post.deliver(outgoing).pipe(
      mergeMap((receipt) => {
        msgId = receipt.msgId
        const answer = early.drain().find((envelope) => envelope.re === msgId)
        return answer === undefined ? EMPTY : of(answer)
      }),
      takeUntil(left),
      share({ resetOnComplete: false, resetOnRefCountZero: false }),
    )
    const attempt = merge(gone(post, pid), late(pid, timeoutMs, scheduler), delivery)
    return merge(concat(post.inbox.pipe(filter(isAnswer)), closed()), attempt.pipe(retried)).pipe(
      take(1),
      finalize(() => left.next()),
    )
  })
}

/** Errors as soon as the peer leaves, or its link goes down, after the subscription. */
function gone(post: Asking, pid: Pid): Observable<never> {
  const left = turns(post.peers, (peers) => !peers.has(pid))
  // A link that has not been up yet may still come up in time.
  const down = defer(() =>
    post.links.pipe(
      startWith(post.links.value),
      map((links) => links.get(pid)),
      distinctUntilChanged(),
      pairwise(),
      filter(([before, now]) => now === 'down' && (before === 'up' || before === 'busy')),
    ),
  )
  return merge(
    left.pipe(map(() => `peer ${pid} has left`)),
    down.pipe(map(() => `the link to peer ${pid} went down`)),
  ).pipe(
    map((message) => {
      throw new ClusterError('PEER_DOWN', message)
    }),
  )
}

/** Emits when something becomes true that was not. */
function turns<T>(
  states: { readonly value: T } & Observable<T>,
  test: (state: T) => boolean,
): Observable<boolean> {
  return defer(() => states.pipe(startWith(states.value))).pipe(
    map(test),
    distinctUntilChanged(),
    skip(1),
    filter(Boolean),
  )
}

/** Errors when it is too late. */
function late(pid: Pid, timeoutMs: number, scheduler: SchedulerLike): Observable<never> {
  return timer(timeoutMs, scheduler).pipe(
    map(() => {
      throw new ClusterError('REQUEST_TIMEOUT', `no answer from peer ${pid} in ${timeoutMs} ms`)
    }),
  )
}

function closed(): Observable<never> {
  return throwError(() => new ClusterError('CLOSED', 'the inbox completed before the answer'))
}
