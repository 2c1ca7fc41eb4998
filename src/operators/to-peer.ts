/** The operator `toPeer`. */
import { map } from 'rxjs'
import type { OperatorFunction } from 'rxjs'
import { A_RECEIVER, checkArgument } from '../model/check-arguments.ts'
import type { OutgoingEnvelope } from '../model/envelope.ts'
import type { Pid } from '../model/pid.ts'

/**
 * Puts each value into an envelope to one peer.
 *
 * ```ts usage
 * of('hello')
 *   .pipe(toPeer(2))
 *   .subscribe(node.outbox)
 * ```
 *
 * ```marbles
 * # each value becomes an envelope to peer 2
 * toPeer 2
 * source  -a-b-|
 * a = "hello"
 * b = "world"
 * ----
 * result  -A-B-|
 * A = to 2: "hello"
 * B = to 2: "world"
 * ```
 *
 * Peers come and go: an envelope to a pid that is no peer becomes a dead letter of the node.
 * Completion and errors pass through.
 *
 * @param pid the receiver: an integer from 0 to 2³¹ − 1, or `BROADCAST`
 * @returns an operator without state; a subscription costs one subscription of the source
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { toPeer } from 'rx-cluster'
 * import { of } from 'rxjs'
 *
 * // In a program, subscribe the outbox: of('hello').pipe(toPeer(2)).subscribe(node.outbox)
 * const outgoing = of('hello').pipe(toPeer(2))
 * outgoing.subscribe((envelope) => console.log(envelope)) // { pid: 2, msg: 'hello' }
 * ```
 * @see {@link broadcast} sends to all peers.
 * @see {@link request} sends to one peer and waits for its reply.
 */
export function toPeer<T>(pid: Pid): OperatorFunction<T, OutgoingEnvelope<T>> {
  checkArgument('toPeer', 'pid', pid, A_RECEIVER)
  return map((msg) => ({ pid, msg }))
}
