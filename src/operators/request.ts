/** The creation function `request`: a question and its answer. */
import { asyncScheduler, Observable, throwError } from 'rxjs'
import type { SchedulerLike, Subscriber, Subscription } from 'rxjs'
import type { Random } from '../base/seeded-random.ts'
import { checkNumber } from '../base/check-number.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Envelope, OutgoingEnvelope, Receipt } from '../model/envelope.ts'
import { BROADCAST } from '../model/pid.ts'
import type { Pid } from '../model/pid.ts'
import { systemRandom } from '../ports/system.ts'
import type { Mailbox } from '../ports/mailbox.ts'
import { PendingRequests } from './internal/pending-requests.ts'
import type { RequestHandle as Question } from './internal/pending-requests.ts'
import { PeerLossMonitor } from './internal/peer-loss.ts'
import { retryBackoff } from './retry-backoff.ts'
import type { RetryBackoffOptions } from './retry-backoff.ts'

/** What `request` needs of a post office. */
export type RequestMailbox = Pick<Mailbox, 'inbox' | 'peers' | 'links' | 'deliver'>

/** How long to wait, and how often. */
export interface RequestOptions {
  /** How long one attempt may take, in milliseconds. Default: 5,000. */
  readonly timeoutMs?: number
  /**
   * How often to try again, or the options of `retryBackoff`; a bare count begins with 100 ms.
   * Default: 0.
   */
  readonly retry?: number | RetryBackoffOptions
  /** Returns a number in [0, 1), one per retry. Default: `Math.random`. */
  readonly random?: Random
  /** Schedules the timeout and the retries. Default: `asyncScheduler`. */
  readonly scheduler?: SchedulerLike
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
 * It errors with `REQUEST_TIMEOUT`, with `PEER_DOWN` as soon as a peer that was up goes down, or
 * leaves, with `NOT_DELIVERED` or `DELIVERY_UNKNOWN` as `deliver` does, and with `CLOSED` when the
 * inbox completes. A peer that is not up yet is waited for. Unsubscribing stops waiting, and
 * withdraws the question if it has not been written. Each subscriber asks anew. `retry` waits
 * again, and sends again only what is known not to have
 * been taken, with the same `msgId`: it never asks twice. Subscribe to the inbox before the first
 * request, since mail that came before any subscription goes to the first one.
 *
 * @param mailbox what delivers the question and hears the answer
 * @param outgoing the question, to one peer: a broadcast is refused with `NOT_DELIVERED`
 * @param options times in milliseconds
 * @param random throws a uniform number in [0, 1) per retry
 * @param scheduler keeps the time
 * @returns an observable whose subscription costs one of `deliver` and one timer; all of them
 *   together one of inbox, peers and links each. Where `deliver` does not tell the `msgId`, up to
 *   1,024 envelopes of that peer that answer something wait for the receipt
 */
export function request(
  mailbox: RequestMailbox,
  outgoing: OutgoingEnvelope,
  options: RequestOptions = {},
): Observable<Envelope> {
  const { timeoutMs = 5_000, retry = 0 } = options
  const { random = systemRandom, scheduler = asyncScheduler } = options
  const backoffOptions = typeof retry === 'number' ? { count: retry, baseMs: 100 } : retry
  checkNumber('timeoutMs', timeoutMs, { min: 0 })
  const retryOperator =
    retry === 0 ? undefined : retryBackoff<never>({ random, scheduler, ...backoffOptions })
  const { pid } = outgoing
  if (pid === BROADCAST) {
    return throwError(() => new ClusterError('NOT_DELIVERED', 'a request asks one peer, not all'))
  }
  return new Observable((subscriber) => {
    const receipts = mailbox.deliver(outgoing)
    const handle = PendingRequests.of(mailbox.inbox).add(pid, outgoing.msgId ?? receipts.msgId, {
      onReply: (envelope) => {
        subscriber.next(envelope)
        subscriber.complete()
      },
      onError: (error) => subscriber.error(error),
    })
    subscriber.add(() => handle.cancel())
    if (subscriber.closed) return
    const delivery = new RequestDelivery(receipts, handle)
    subscriber.add(() => delivery.cancel())
    const peerLoss = PeerLossMonitor.of(mailbox)
    const attempt = new Observable<never>((attemptSubscriber) => {
      delivery.startAttempt(attemptSubscriber)
      attemptSubscriber.add(
        peerLoss.watch(pid, (message) =>
          attemptSubscriber.error(new ClusterError('PEER_DOWN', message)),
        ),
      )
      const onTimeout = (): void => attemptSubscriber.error(timeoutError(pid, timeoutMs))
      attemptSubscriber.add(scheduler.schedule(onTimeout, timeoutMs))
    })
    const attempts = retryOperator === undefined ? attempt : attempt.pipe(retryOperator)
    subscriber.add(attempts.subscribe({ error: (error) => subscriber.error(error) }))
  })
}

/** One delivery for all attempts: only a failed one is begun again. */
class RequestDelivery {
  readonly #receipts: Observable<Receipt>
  readonly #handle: Question
  #subscription: Subscription | undefined
  #subscriber: Subscriber<never> | undefined
  #started = false

  constructor(receipts: Observable<Receipt>, handle: Question) {
    this.#receipts = receipts
    this.#handle = handle
  }

  startAttempt(subscriber: Subscriber<never>): void {
    this.#subscriber = subscriber
    if (this.#started) return
    this.#started = true
    this.#subscription = this.#receipts.subscribe({
      next: ({ msgId }) => this.#handle.identify(msgId),
      error: (error) => {
        this.#started = false
        this.#subscriber?.error(error)
      },
    })
  }

  cancel(): void {
    this.#subscription?.unsubscribe()
  }
}

function timeoutError(pid: Pid, timeoutMs: number): ClusterError {
  return new ClusterError('REQUEST_TIMEOUT', `no answer from peer ${pid} in ${timeoutMs} ms`)
}
