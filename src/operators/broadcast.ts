/** The operator `broadcast`. */
import { map } from 'rxjs'
import type { OperatorFunction } from 'rxjs'
import type { OutgoingEnvelope } from '../model/envelope.ts'
import { BROADCAST } from '../model/pid.ts'

/**
 * Puts each value into an envelope to all peers.
 *
 * ```ts usage
 * of('hello')
 *   .pipe(broadcast())
 *   .subscribe(node.outbox)
 * ```
 *
 * ```marbles
 * # each value becomes an envelope to all peers
 * broadcast
 * source  -a-b-|
 * a = "hello"
 * b = "world"
 * ----
 * result  -A-B-|
 * A = to all: "hello"
 * B = to all: "world"
 * ```
 *
 * The outbox chooses the receivers when the envelope enters it: the peers of that moment, without
 * this node. Without peers, the envelope has no receiver and causes no dead letter. Completion and
 * errors pass through.
 *
 * @returns an operator without state; a subscription costs one subscription of the source
 * @example
 * ```ts
 * import { broadcast } from 'rx-cluster'
 * import { of } from 'rxjs'
 *
 * // In a program, subscribe the outbox: of('hello').pipe(broadcast()).subscribe(node.outbox)
 * const outgoing = of('hello').pipe(broadcast())
 * outgoing.subscribe((envelope) => console.log(envelope)) // { pid: -1, msg: 'hello' }
 * ```
 * @see {@link toPeer} sends to one peer.
 */
export function broadcast<T>(): OperatorFunction<T, OutgoingEnvelope<T>> {
  return map((msg) => ({ pid: BROADCAST, msg }))
}
