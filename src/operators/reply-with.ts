/** The operator `replyWith`: answers questions. */
import { catchError, defer, EMPTY, map, mergeMap, tap } from 'rxjs'
import type { Observable, ObservableInput, OperatorFunction } from 'rxjs'
import { reply } from '../model/envelope.ts'
import type { Envelope, OutgoingEnvelope } from '../model/envelope.ts'
import type { Mailbox } from '../ports/mailbox.ts'
import { emitTo } from './internal/sink.ts'
import type { Sink } from './internal/sink.ts'

/** A question whose answer failed. */
export interface FailedReply<T> {
  readonly envelope: Envelope<T>
  readonly error: unknown
}

/** Options of `replyWith`. */
export interface ReplyWithOptions<T> {
  /** Receives each error of `project`. Default: such an error passes through. */
  readonly failed?: Sink<FailedReply<T>>
}

/**
 * Answers each question with what `project` makes of it, and tells what it answered.
 *
 * ```marbles
 * # each question gets its answer
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
 * Nothing is answered before the result is subscribed to, and each subscriber answers: subscribe
 * once, or `share`. Many values are many answers; none is no answer. An error of `project` passes
 * through and ends it all, unless there is `failures`: then that one question stays unanswered.
 * When the source completes, what is being answered still is. Questions are answered side by side
 * without a bound: `bounded(n, (q) => of(q).pipe(replyWith(…)), …)` sets one.
 *
 * @param mailbox whose outbox the answers go into
 * @param project makes the answers: an Observable, a promise or an array; a bare string counts as a
 *   list of letters
 * @param failed is told each error of `project`
 * @returns an operator whose subscription costs one of the source, and one of `project` per open
 *   question
 */
export function replyWith<T, R>(
  mailbox: Pick<Mailbox, 'outbox'>,
  project: (request: Envelope<T>, index: number) => ObservableInput<R>,
  options: ReplyWithOptions<T> = {},
): OperatorFunction<Envelope<T>, OutgoingEnvelope<R>> {
  const { failed } = options
  return mergeMap((envelope, index) =>
    defer(() => project(envelope, index)).pipe(
      catchError((error: unknown): Observable<never> => {
        if (failed === undefined) throw error
        emitTo(failed, { envelope, error })
        return EMPTY
      }),
      map((msg) => reply(envelope, msg)),
      tap((outgoing) => mailbox.outbox.next(outgoing)),
    ),
  )
}
