/** The operator `groupByPeer`. */
import { NEVER, concat, defer, filter, groupBy, map, share, withLatestFrom } from 'rxjs'
import type { GroupedObservable, Observable, OperatorFunction } from 'rxjs'
import { AN_OBSERVABLE, checkArgument } from '../model/check-arguments.ts'
import type { Envelope } from '../model/envelope.ts'
import type { Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'

/**
 * Groups envelopes by sender, until that peer is removed.
 *
 * ```ts usage
 * node.inbox
 *   .pipe(groupByPeer(node.peers), mergeMap((group) => group.pipe(dedupe(100))))
 *   .subscribe(({ pid, msg }) => console.log(pid, msg))
 * ```
 *
 * ```marbles
 * # a group per sender; that of peer 2 ends when it is removed
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
 * result  -G-H--------|
 * G       -a---c-|
 * H       ---b------d-|
 * G = a stream of 2
 * H = a stream of 3
 * ```
 *
 * A group begins with the first envelope of its sender and is hot: subscribe to it at once. A peer
 * that is added again gets a new group. Envelopes of non-members are dropped. Completion and errors
 * reach every open group. Errors of `peers` pass through, its completion changes nothing.
 *
 * @param peers the current peers, as of `node.peers`; it must emit on subscription, because
 *   envelopes before its first value are dropped
 * @returns an operator; a subscription costs one subscription of the source and one of `peers`.
 *   Both last until the subscribers of all groups have left, too
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { groupByPeer, type Peers } from 'rx-cluster'
 * import { BehaviorSubject, from, map, mergeMap, scan } from 'rxjs'
 *
 * // In a program: node.inbox.pipe(groupByPeer(node.peers))
 * const members = [2, 3].map((pid) => ({ pid, endpoint: `inproc://${pid}` }))
 * const peers = new BehaviorSubject<Peers>(new Map(members.map((peer) => [peer.pid, peer])))
 * const inbox = from([2, 3, 2].map((pid) => ({ pid, incarnation: '7f', msgId: 1, msg: 'vote' })))
 * const counts = inbox.pipe(
 *   groupByPeer(peers),
 *   mergeMap((group) => group.pipe(scan((n) => n + 1, 0), map((n) => `peer ${group.key}: ${n}`))),
 * )
 * counts.subscribe((line) => console.log(line)) // peer 2: 1
 * // peer 3: 1
 * // peer 2: 2
 * ```
 * @see {@link fromPeer} keeps the envelopes of known senders.
 */
export function groupByPeer<E extends Pick<Envelope, 'pid'>>(
  peers: Observable<Peers>,
): OperatorFunction<E, GroupedObservable<Pid, E>> {
  checkArgument('groupByPeer', 'peers', peers, AN_OBSERVABLE)
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
