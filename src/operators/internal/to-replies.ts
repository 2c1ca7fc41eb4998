/** Converts what a handler returns to an Observable of replies. */
import { EMPTY, from, of } from 'rxjs'
import type { Observable, ObservableInput } from 'rxjs'

/**
 * The type of the replies: a string, bytes and a map are one reply, although they are iterable; so
 * is any value that is no `ObservableInput`.
 */
export type ReplyOf<Result> = Result extends void
  ? never
  : Result extends string | ArrayBufferView | ReadonlyMap<unknown, unknown>
    ? Result
    : Result extends ObservableInput<infer Reply>
      ? Reply
      : Result

/** Returns the replies of a result; undefined is none. */
export function toReplies<Result>(result: Result): Observable<ReplyOf<Result>> {
  if (result === undefined) return EMPTY
  return (isInput(result) ? from(result) : of(result)) as Observable<ReplyOf<Result>>
}

/** What RxJS takes: streams, also of other versions of it, promises, iterables and readers. */
const INPUT_METHODS = [Symbol.iterator, 'subscribe', 'then', 'getReader', Symbol.asyncIterator]

function isInput(result: unknown): result is ObservableInput<unknown> {
  if (typeof result === 'function') return true
  if (typeof result !== 'object' || result === null || ArrayBuffer.isView(result)) return false
  if (result instanceof Map) return false
  return INPUT_METHODS.some(
    (method) => typeof (result as Record<symbol | string, unknown>)[method] === 'function',
  )
}
