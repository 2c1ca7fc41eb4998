/** The operator `byPeer`: one stream per sender. */
import { NEVER, concat, defer, filter, groupBy, map, share, withLatestFrom } from 'rxjs'
import type { GroupedObservable, Observable, OperatorFunction } from 'rxjs'
import type { Envelope } from '../model/envelope.ts'
import type { Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'

/**
 * Splits envelopes into one stream per sender, which ends when that peer leaves.
 *
 * ```marbles
 * # each sender has a stream of its own, and that of peer 2 ends when it leaves
 * groupByPeer
 * source  -a-b-c----d-|
 * peers   p------q-----
 * a = 2: "one"
 * b = 3: "one"
 * c = 2: "two"
 * d = 3: "two"
 * p = [2,3]
 * q = [3]
 * ----
 * result  -A-B--------|
 * A       -a---c-|
 * B       ---b------d-|
 * A = a stream of 2
 * B = a stream of 3
 * ```
 *
 * A stream begins with its sender's first envelope; subscribe to it at once, since it is hot. A
 * peer that comes back gets a new one. What a stranger sends, or a peer that has left, is dropped.
 * Completion and errors reach every open stream; that `peers` completes changes nothing, that it
 * errors is an error.
 *
 * @param peers who there is; it must emit when it is subscribed to, as a node's does, since before
 *   there are only strangers
 * @returns an operator whose subscription costs one subscription of the source and one of `peers`,
 *   and as long as streams of it are in use keeps both of them, even if it was left itself
 */
export function groupByPeer<T>(
  peers: Observable<Peers>,
): OperatorFunction<Envelope<T>, GroupedObservable<Pid, Envelope<T>>> {
  return (source) =>
    defer(() => {
      const currentPeers = concat(peers, NEVER).pipe(share())
      return source.pipe(
        withLatestFrom(currentPeers),
        filter(([envelope, current]) => current.has(envelope.pid)),
        map(([envelope]) => envelope),
        groupBy((envelope) => envelope.pid, {
          duration: ({ key }) => currentPeers.pipe(filter((current) => !current.has(key))),
        }),
      )
    })
}
