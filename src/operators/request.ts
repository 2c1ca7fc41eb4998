/** The creation function `request`. */
import { map, Observable, throwError } from 'rxjs'
import type { SchedulerLike, Subscriber, Subscription } from 'rxjs'
import type { Random } from '../base/seeded-random.ts'
import {
  A_FUNCTION,
  A_RECEIVER,
  A_SCHEDULER,
  type Rule,
  anyOf,
  checkArgument,
  checkOptions,
  countFrom,
  numberFrom,
} from '../model/check-arguments.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Envelope, OutgoingEnvelope, Receipt, ReplyError } from '../model/envelope.ts'
import { BROADCAST } from '../model/pid.ts'
import type { Pid } from '../model/pid.ts'
import { scheduleAfter } from '../ports/long-timer.ts'
import { defaultScheduler, systemRandom } from '../ports/system.ts'
import type { Mailbox } from '../ports/mailbox.ts'
import type { AnySchema, InputOf, OutputOf } from '../ports/schema.ts'
import { A_DEFINITION } from './internal/request-definition.ts'
import type { RequestDefinition } from './internal/request-definition.ts'
import { A_REQUESTING_MAILBOX } from './internal/mailbox-rules.ts'
import { PendingRequests } from './internal/pending-requests.ts'
import type { RequestHandle } from './internal/pending-requests.ts'
import { PeerLossMonitor } from './internal/peer-loss.ts'
import { rawMailboxOf } from './internal/raw-mailbox.ts'
import { retryBackoff } from './retry-backoff.ts'
import type { RetryBackoffOptions } from './retry-backoff.ts'

const OPTIONS = {
  optional: {
    timeoutMs: numberFrom({ min: 0 }),
    retry: anyOf(countFrom({ min: 0 }), {
      expected: 'the options of retryBackoff',
      accepts: (value) => typeof value === 'object' && value !== null,
    }),
    random: A_FUNCTION,
    scheduler: A_SCHEDULER,
  },
}

const A_TARGET: Rule = {
  ...A_RECEIVER,
  expected: 'an envelope { pid, msg }, or the pid of a peer and a definition',
}

/** The part of a node that `request` uses. */
export type RequestMailbox<Out = unknown> = Pick<
  Mailbox<unknown, Out>,
  'inbox' | 'peers' | 'links' | 'deliver' | 'consumeReplies'
>

/** Options of `request`. */
export interface RequestOptions {
  /**
   * How long one attempt waits for the reply, in milliseconds, up to `Infinity`. Default: 5,000.
   */
  readonly timeoutMs?: number | undefined
  /**
   * How many retries, or the options of `retryBackoff`. A number of retries has `baseMs: 100`.
   * Default: 0.
   */
  readonly retry?: number | RetryBackoffOptions | undefined
  /** Returns a number in [0, 1), one per retry. Default: `Math.random`. */
  readonly random?: Random | undefined
  /** Schedules the timeout and the retries. Default: `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined
}

/**
 * Sends a request to one peer and emits its reply.
 *
 * ```ts usage
 * request(node, { pid: 2, msg: 'ready?' }, { timeoutMs: 2_000, retry: 2 })
 *   .pipe(catchError((error) => of({ msg: String(error) })))
 *   .subscribe(({ msg }) => console.log(msg))
 * ```
 *
 * ```marbles
 * # b replies to another request, c to this one
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
 * The reply is the first envelope of that peer whose `re` is the `msgId` of the request. Each
 * subscription sends a request. Unsubscribing stops waiting, and cancels the request if it is still
 * queued. A request to a peer that is not connected yet waits for it.
 *
 * It errors with
 *
 * - `REMOTE_ERROR` if the handler of the peer failed; its `cause` has `code` and `message` of that
 *   error,
 * - `REQUEST_TIMEOUT` if there is no reply within `timeoutMs`,
 * - `PEER_DOWN` if the peer is removed, or its link was up and goes down,
 * - `NOT_DELIVERED` or `DELIVERY_UNKNOWN` as `deliver` does,
 * - `CLOSED` if the inbox completes.
 *
 * A retry never delivers a request twice: it waits again, and sends again, with the same `msgId`,
 * only after `NOT_DELIVERED`.
 *
 * The inbox of a node does not emit a reply that a request waits for. It comes on arrival, also
 * while that inbox is paused or nothing has subscribed to it, and so it can overtake earlier
 * envelopes of the same peer.
 *
 * With a definition, the message is `{ request: name, value }`, and the reply is decoded: one that
 * does not match is a `REPLY_INVALID` error.
 *
 * @param mailbox a node, or any object with its `inbox`, `peers`, `links` and `deliver`
 * @param outgoing the request, to one peer; with `BROADCAST` it errors with `NOT_DELIVERED`
 * @param options the timeout, in milliseconds, and the retries
 * @returns an Observable; a subscription costs one of `deliver` and one timer. All requests of a
 *   mailbox share one subscription each of `peers` and `links`, and where the mailbox has no
 *   `consumeReplies`, or `deliver` returns no `msgId`, one of `inbox`; then up to 1,024 replies of
 *   that peer are stored until the receipt
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { createNode, replyWith, request } from 'rx-cluster'
 * import { firstValueFrom } from 'rxjs'
 *
 * const peers = [1, 2].map((pid) => ({ pid, endpoint: `inproc://request-${pid}` }))
 * const client = await createNode({ cluster: 'request', peers }, 1)
 * const server = await createNode({ cluster: 'request', peers }, 2)
 * server.inbox.pipe(replyWith(server, ({ msg }) => [`${msg} world`])).subscribe()
 *
 * const reply = request(client, { pid: 2, msg: 'hello' }, { timeoutMs: 2_000, retry: 2 })
 * console.log((await firstValueFrom(reply)).msg) // hello world
 * await Promise.all([client.close(), server.close()])
 * ```
 * @see {@link replyWith} is the other side.
 * @see {@link quorum} collects the answers to a broadcast.
 */
export function request<Out>(
  mailbox: RequestMailbox<Out>,
  outgoing: OutgoingEnvelope<Out>,
  options?: RequestOptions,
): Observable<Envelope>
/** Sends a request of a definition to one peer, and emits its decoded reply. */
export function request<Request extends AnySchema, Reply extends AnySchema>(
  mailbox: RequestMailbox<never>,
  pid: Pid,
  definition: RequestDefinition<Request, Reply>,
  value: InputOf<Request>,
  options?: RequestOptions,
): Observable<Envelope<OutputOf<Reply>>>
/** Sends a request of either form. */
export function request(
  mailbox: RequestMailbox<never>,
  target: OutgoingEnvelope | Pid,
  ...rest: readonly unknown[]
): Observable<Envelope> {
  checkArgument('request', 'mailbox', mailbox, A_REQUESTING_MAILBOX)
  const raw = rawMailboxOf(mailbox) as unknown as RequestMailbox
  if (typeof target === 'object' && target !== null) {
    checkArgument('request', 'outgoing.pid', target.pid, A_RECEIVER)
    return send(raw, target, rest[0] as RequestOptions | undefined)
  }
  checkArgument('request', 'outgoing', target, A_TARGET)
  const [definition, value, options] = rest as [RequestDefinition, unknown, RequestOptions?]
  checkArgument('request', 'definition', definition, A_DEFINITION)
  const outgoing = { pid: target, msg: { request: definition.name, value } }
  return send(raw, outgoing, options).pipe(map((envelope) => decodeReply(definition, envelope)))
}

function decodeReply({ name, decodeReply: decode }: RequestDefinition, reply: Envelope): Envelope {
  const decoded = decode(reply.msg)
  if ('value' in decoded) return { ...reply, msg: decoded.value }
  const { issues } = decoded
  const what = `the reply of peer ${reply.pid} to ${name}`
  const message = `${what} does not match its schema: ${issues[0]}`
  throw new ClusterError('REPLY_INVALID', message, { issues })
}

function send(
  mailbox: RequestMailbox,
  outgoing: OutgoingEnvelope,
  options: RequestOptions = {},
): Observable<Envelope> {
  checkOptions('request', options, OPTIONS)
  const { timeoutMs = 5_000, retry = 0 } = options
  const { random = systemRandom, scheduler = defaultScheduler } = options
  const backoffOptions = typeof retry === 'number' ? { count: retry, baseMs: 100 } : retry
  const retryOperator =
    retry === 0 ? undefined : retryBackoff<never>({ random, scheduler, ...backoffOptions })
  const { pid } = outgoing
  if (pid === BROADCAST) {
    return throwError(
      () =>
        new ClusterError(
          'NOT_DELIVERED',
          'a request needs one receiver: for BROADCAST, collect answers with quorum',
        ),
    )
  }
  return new Observable((subscriber) => {
    const receipts = mailbox.deliver(outgoing)
    const handle = PendingRequests.of(mailbox).add(pid, outgoing.msgId ?? receipts.msgId, {
      onReply: (envelope) => {
        if (envelope.error !== undefined) {
          subscriber.error(remoteError(envelope.pid, envelope.error))
          return
        }
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
      attemptSubscriber.add(scheduleAfter(scheduler, onTimeout, timeoutMs))
    })
    const attempts = retryOperator === undefined ? attempt : attempt.pipe(retryOperator)
    subscriber.add(attempts.subscribe({ error: (error) => subscriber.error(error) }))
  })
}

/** One delivery for all attempts; it is subscribed to again only after an error. */
class RequestDelivery {
  readonly #receipts: Observable<Receipt>
  readonly #handle: RequestHandle
  #subscription: Subscription | undefined
  #subscriber: Subscriber<never> | undefined
  #started = false

  constructor(receipts: Observable<Receipt>, handle: RequestHandle) {
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

function remoteError(pid: Pid, cause: ReplyError): ClusterError {
  const { code, message } = cause
  const text = `peer ${pid} replied with the error ${code}: ${message}`
  return new ClusterError('REMOTE_ERROR', text, { cause })
}

function timeoutError(pid: Pid, timeoutMs: number): ClusterError {
  return new ClusterError('REQUEST_TIMEOUT', `no reply from peer ${pid} within ${timeoutMs} ms`)
}
