/** The operator `dedupe`: each message at most once. */
import { defer, filter } from 'rxjs'
import type { MonoTypeOperatorFunction } from 'rxjs'
import { checkNumber } from '../base/check-number.ts'
import { DedupeWindow } from './internal/dedupe-window.ts'
import type { Envelope } from '../model/envelope.ts'

/**
 * Drops an envelope whose sender, incarnation and `msgId` are among the last `window` distinct
 * ones.
 *
 * ```marbles
 * # the second a is dropped; the third comes after three others, when a is forgotten
 * dedupe 3
 * source  -a-b-a-c-d-a-|
 * ----
 * result  -a-b---c-d-a-|
 * ```
 *
 * The message itself is not looked at. A sender that restarted is another one. Each subscription
 * has a window of its own, which is empty when it begins. Completion and errors pass through.
 *
 * @param window how many distinct envelopes are remembered, of all senders together: an integer of
 *   at least 1
 * @returns an operator whose subscription costs one subscription of the source and up to `window`
 *   short strings
 */
export function dedupe<E extends Pick<Envelope, 'pid' | 'incarnation' | 'msgId'>>(
  window: number,
): MonoTypeOperatorFunction<E> {
  checkNumber('window', window, { min: 1, integer: true })
  return (source) =>
    defer(() => {
      const seen = new DedupeWindow(window)
      return source.pipe(
        filter(({ pid, incarnation, msgId }) => seen.add(`${pid} ${msgId} ${incarnation}`)),
      )
    })
}
