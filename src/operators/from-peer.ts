/** The operator `fromPeer`. */
import { filter } from 'rxjs'
import type { MonoTypeOperatorFunction } from 'rxjs'
import { A_PID, checkArgument } from '../model/check-arguments.ts'
import type { Envelope } from '../model/envelope.ts'
import type { Pid } from '../model/pid.ts'

/**
 * Keeps the envelopes of the given senders.
 *
 * ```ts usage
 * node.inbox
 *   .pipe(fromPeer(2, 4))
 *   .subscribe(({ pid, msg }) => console.log(pid, msg))
 * ```
 *
 * ```marbles
 * # envelopes of peers 2 and 4 pass, the one of peer 3 does not
 * fromPeer 2 4
 * source  -a-b-c-|
 * a = 2: "hello"
 * b = 3: "hello"
 * c = 4: "hello"
 * ----
 * result  -a---c-|
 * ```
 *
 * Without a pid, it drops every envelope. Completion and errors pass through.
 *
 * @param pids the senders to keep
 * @returns an operator without state; a subscription costs one subscription of the source
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { fromPeer } from 'rx-cluster'
 * import { from } from 'rxjs'
 *
 * // In a program, the source is node.inbox.
 * const inbox = from([{ pid: 2, msg: 'a' }, { pid: 3, msg: 'b' }])
 * inbox.pipe(fromPeer(2)).subscribe(({ msg }) => console.log(msg)) // a
 * ```
 * @see {@link groupByPeer} gives each sender a stream of its own.
 */
export function fromPeer<E extends Pick<Envelope, 'pid'>>(
  ...pids: readonly Pid[]
): MonoTypeOperatorFunction<E> {
  pids.forEach((pid, index) => checkArgument('fromPeer', `pids[${index}]`, pid, A_PID))
  const senders = new Set(pids)
  return filter((envelope) => senders.has(envelope.pid))
}
