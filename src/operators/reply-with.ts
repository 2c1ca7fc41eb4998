/** The operator `replyWith`. */
import { catchError, defer, EMPTY, filter, map, mergeMap, pipe, tap } from 'rxjs'
import type { OperatorFunction } from 'rxjs'
import { A_FUNCTION, A_SINK, checkArgument, checkOptions } from '../model/check-arguments.ts'
import { reply } from '../model/envelope.ts'
import type { Envelope, OutgoingEnvelope } from '../model/envelope.ts'
import type { Mailbox } from '../ports/mailbox.ts'
import { A_REPLYING_MAILBOX } from './internal/mailbox-rules.ts'
import { errorReply } from './internal/reply-error.ts'
import { emitTo } from './internal/sink.ts'
import { toReplies } from './internal/to-replies.ts'
import type { ReplyOf } from './internal/to-replies.ts'
import type { Sink } from './internal/sink.ts'

const OPTIONS = { optional: { failed: A_SINK } }

/** A request that got an error reply because `project` failed. */
export interface FailedReply<T> {
  readonly envelope: Envelope<T>
  readonly error: unknown
}

/** Options of `replyWith`. */
export interface ReplyWithOptions<T> {
  /** Receives each request whose `project` failed. Default: only its sender learns of it. */
  readonly failed?: Sink<FailedReply<T>> | undefined
}

/**
 * Replies to each request with the values of `project`, and emits the replies.
 *
 * ```ts usage
 * node.inbox
 *   .pipe(decodeMessage(t.number), replyWith(node, ({ msg }) => 2 * msg))
 *   .subscribe()
 * ```
 *
 * ```marbles
 * # each request gets its reply
 * replyWith
 * source  -a-b-|
 * a = 2: "one"
 * b = 3: "two"
 * ----
 * result  -A-B-|
 * outbox  -A-B--
 * A = to 2: "one" re a
 * B = to 3: "two" re b
 * ```
 *
 * An envelope with `re` is a reply and is ignored, so that two members that both reply do not reply
 * to each other for ever. Where a reply is a request too, write `mergeMap` and `reply`.
 *
 * Nothing is sent before a subscription, and each subscription sends: subscribe once, or `share`.
 * Every value of `project` is one reply, so it can send none or several. Requests run concurrently,
 * without a limit; for a limit see the example. After the source completes, running requests still
 * finish. Errors of the source pass through. An error of `project` ends only that request: its
 * sender gets `{ code, message }` of the error, so that `request` errors with `REMOTE_ERROR` at
 * once; the operator does not emit that reply. `failed` gets the error as it is.
 *
 * @param mailbox its outbox gets the replies
 * @param project returns the reply: any value, of which a string and bytes are one reply each. Or
 *   it returns an Observable, a promise, an array or another iterable of replies; wrap a reply that
 *   is an array itself: `[[1, 2]]`. No reply is sent for undefined
 * @param options the sink of failed requests
 * @returns an operator; a subscription costs one subscription of the source, and one of `project`
 *   per running request
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { boundedMergeMap, createNode, decodeMessage, replyWith, request } from 'rx-cluster'
 * import { firstValueFrom, of } from 'rxjs'
 * import * as t from 'io-ts'
 *
 * const peers = [1, 2].map((pid) => ({ pid, endpoint: `inproc://reply-${pid}` }))
 * const client = await createNode({ cluster: 'reply', peers }, 1)
 * const server = await createNode({ cluster: 'reply', peers }, 2)
 *
 * // Up to 64 requests at once; up to 1,000 wait.
 * const limits = { concurrency: 64, bufSize: 1_000, overflow: 'drop-newest' } as const
 * server.inbox
 *   .pipe(
 *     decodeMessage(t.number),
 *     boundedMergeMap((one) => of(one).pipe(replyWith(server, ({ msg }) => of(2 * msg))), limits),
 *   )
 *   .subscribe()
 *
 * console.log((await firstValueFrom(request(client, { pid: 2, msg: 21 }))).msg) // 42
 * await Promise.all([client.close(), server.close()])
 * ```
 * @see {@link request} is the other side.
 */
export function replyWith<T, Result>(
  mailbox: Pick<Mailbox<unknown, ReplyOf<Result>>, 'outbox'>,
  project: (request: Envelope<T>, index: number) => Result,
  options: ReplyWithOptions<T> = {},
): OperatorFunction<Envelope<T>, OutgoingEnvelope<ReplyOf<Result>>> {
  checkArgument('replyWith', 'mailbox', mailbox, A_REPLYING_MAILBOX)
  checkArgument('replyWith', 'project', project, A_FUNCTION)
  checkOptions('replyWith', options, OPTIONS)
  const { failed } = options
  return pipe(
    filter(({ re }: Envelope<T>) => re === undefined),
    mergeMap((envelope, index) =>
      defer(() => toReplies(project(envelope, index))).pipe(
        catchError((error: unknown) => {
          mailbox.outbox.next(errorReply(envelope, error) as never)
          emitTo(failed, { envelope, error })
          return EMPTY
        }),
        map((msg) => reply(envelope, msg)),
        tap((outgoing) => mailbox.outbox.next(outgoing)),
      ),
    ),
  )
}
