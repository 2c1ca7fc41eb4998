/** The operator `dedupe`. */
import { defer, filter } from 'rxjs'
import type { MonoTypeOperatorFunction } from 'rxjs'
import { checkArgument, integerFrom } from '../model/check-arguments.ts'
import { DedupeWindow } from './internal/dedupe-window.ts'
import type { Envelope } from '../model/envelope.ts'

/**
 * Drops envelopes that are among the last `window` distinct ones.
 *
 * ```ts usage
 * node.inbox
 *   .pipe(dedupe(1_000))
 *   .subscribe(({ pid, msg }) => console.log(pid, msg))
 * ```
 *
 * ```marbles
 * # the second a is a duplicate; the third has left the window
 * dedupe 3
 * source  -a-b-a-c-d-a-|
 * ----
 * result  -a-b---c-d-a-|
 * ```
 *
 * Two envelopes are the same if their `pid`, `incarnation` and `msgId` are equal; messages are not
 * compared. A duplicate does not extend the stay of the original in the window. Each subscription
 * has a window of its own. Completion and errors pass through.
 *
 * A node delivers each envelope once, so this is for senders that repeat a `msgId` themselves.
 *
 * @param window how many distinct envelopes are remembered, of all senders together: an integer of
 *   at least 1
 * @returns an operator; a subscription costs one subscription of the source and up to `window`
 *   short strings
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { dedupe } from 'rx-cluster'
 * import { from } from 'rxjs'
 *
 * const once = { pid: 2, incarnation: '7f', msgId: 1, msg: 'pay' }
 * from([once, once]).pipe(dedupe(1_000)).subscribe(({ msg }) => console.log(msg)) // pay
 * ```
 */
export function dedupe<
  E extends Pick<Envelope, 'pid' | 'msgId'> & { readonly incarnation: string },
>(window: number): MonoTypeOperatorFunction<E> {
  checkArgument('dedupe', 'window', window, integerFrom({ min: 1 }))
  return (source) =>
    defer(() => {
      const seen = new DedupeWindow(window)
      return source.pipe(
        filter(({ pid, incarnation, msgId }) => seen.add(`${pid} ${msgId} ${incarnation}`)),
      )
    })
}
