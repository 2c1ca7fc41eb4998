/** The operator `fromPeer`: only what certain peers sent. */
import { filter } from 'rxjs'
import type { MonoTypeOperatorFunction } from 'rxjs'
import type { Envelope } from '../model/envelope.ts'
import type { Pid } from '../model/pid.ts'

/**
 * Keeps the envelopes of the named senders.
 *
 * ```marbles
 * # peers 2 and 4 are heard, peer 3 is not
 * fromPeer 2 4
 * source  -a-b-c-|
 * a = 2: "hello"
 * b = 3: "hello"
 * c = 4: "hello"
 * ----
 * result  -a---c-|
 * ```
 *
 * Without a pid it keeps nothing. Completion and errors pass through.
 *
 * @param pids the senders, any number of them
 * @returns an operator that keeps nothing: a subscription costs one subscription of the source
 */
export function fromPeer<E extends Pick<Envelope, 'pid'>>(
  ...pids: readonly Pid[]
): MonoTypeOperatorFunction<E> {
  const senders = new Set(pids)
  return filter((envelope) => senders.has(envelope.pid))
}
