/** The creation function `request`: a question and its answer. */
import { asyncScheduler, Observable, throwError } from 'rxjs'
import type { SchedulerLike, Subscriber, Subscription } from 'rxjs'
import type { Chance } from '../core/chance.ts'
import { checkNumber } from '../core/check-number.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Envelope, OutgoingEnvelope, Receipt } from '../model/envelope.ts'
import { BROADCAST } from '../model/pid.ts'
import type { Pid } from '../model/pid.ts'
import { ambientChance } from '../ports/ambient.ts'
import type { Post } from '../ports/post.ts'
import { Answers } from '../watch/answers.ts'
import type { Asking as Question } from '../watch/answers.ts'
import { Departures } from '../watch/departures.ts'
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
 * @returns an observable whose subscription costs one of `deliver` and one timer; all of them
 *   together one of inbox, peers and links each. Where `deliver` does not tell the `msgId`, up to
 *   1,024 envelopes of that peer that answer something wait for the receipt
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
  const retried = retry === 0 ? undefined : retryBackoff<never>(backOff, chance, scheduler)
  const { pid } = outgoing
  if (pid === BROADCAST) {
    return throwError(() => new ClusterError('NOT_DELIVERED', 'a request asks one peer, not all'))
  }
  return new Observable((subscriber) => {
    const receipts = post.deliver(outgoing)
    const question = Answers.of(post.inbox).ask(pid, outgoing.msgId ?? receipts.msgId, {
      answered: (envelope) => {
        subscriber.next(envelope)
        subscriber.complete()
      },
      failed: (error) => subscriber.error(error),
    })
    subscriber.add(() => question.leave())
    if (subscriber.closed) return
    const asked = new Asked(receipts, question)
    subscriber.add(() => asked.leave())
    const departures = Departures.of(post)
    const attempt = new Observable<never>((trying) => {
      asked.attempt(trying)
      trying.add(
        departures.watch(pid, (message) => trying.error(new ClusterError('PEER_DOWN', message))),
      )
      const late = (): void => trying.error(tooLate(pid, timeoutMs))
      trying.add(scheduler.schedule(late, timeoutMs))
    })
    const tries = retried === undefined ? attempt : attempt.pipe(retried)
    subscriber.add(tries.subscribe({ error: (error) => subscriber.error(error) }))
  })
}

/** One delivery for all attempts: only a failed one is begun again. */
class Asked {
  readonly #receipts: Observable<Receipt>
  readonly #question: Question
  #delivery: Subscription | undefined
  #trying: Subscriber<never> | undefined
  #begun = false

  constructor(receipts: Observable<Receipt>, question: Question) {
    this.#receipts = receipts
    this.#question = question
  }

  attempt(trying: Subscriber<never>): void {
    this.#trying = trying
    if (this.#begun) return
    this.#begun = true
    this.#delivery = this.#receipts.subscribe({
      next: ({ msgId }) => this.#question.named(msgId),
      error: (error) => {
        this.#begun = false
        this.#trying?.error(error)
      },
    })
  }

  leave(): void {
    this.#delivery?.unsubscribe()
  }
}

function tooLate(pid: Pid, timeoutMs: number): ClusterError {
  return new ClusterError('REQUEST_TIMEOUT', `no answer from peer ${pid} in ${timeoutMs} ms`)
}
