/** The operator `majority`. */
import type { Observable, OperatorFunction } from 'rxjs'
import { A_BOOLEAN, AN_OBSERVABLE, checkArgument, checkOptions } from '../model/check-arguments.ts'
import type { Envelope } from '../model/envelope.ts'
import type { Peers } from '../model/peer.ts'
import { quorum } from './quorum.ts'
import type { Quorum } from './quorum.ts'

const OPTIONS = { optional: { follow: A_BOOLEAN } }

/** Options of `majority`. */
export interface MajorityOptions {
  /**
   * Whether the majority is one of the current peers: added peers count, answers of removed peers
   * do not. Default: false, the peers are those at subscription.
   */
  readonly follow?: boolean | undefined
}

/**
 * Collects answers from distinct peers until they and this node are a majority of the cluster.
 *
 * ```ts usage
 * node.inbox
 *   .pipe(decodeMessage(Vote), takeUntil(timer(500)), majority(node.peers))
 *   .subscribe(({ answers }) => console.log(answers.map(({ pid }) => pid)))
 * ```
 *
 * ```marbles
 * # five nodes, this one included: two answers of peers are enough
 * majority
 * peers   p--------
 * source  -a-b-c---
 * a = 2: "yes"
 * b = 2: "yes"
 * c = 3: "yes"
 * p = [2,3,4,5]
 * ----
 * result  -----(M|)
 * M = {"answers":["a","c"],"missing":[4,5]}
 * ```
 *
 * This node counts as one answer: it needs ⌊(peers + 1) / 2⌋ answers of peers, none in a cluster of
 * one. Only answers of peers count. It emits, completes and errors as `quorum` does.
 *
 * Two majorities of one cluster share a node, so they cannot decide differently (Thomas: "A
 * Majority Consensus Approach to Concurrency Control for Multiple Copy Databases", ACM TODS 4(2),
 * 1979). The size of the cluster is therefore fixed at subscription. With `follow`, majorities of
 * different clusters need not share a node.
 *
 * @param peers the other nodes of the cluster, as of `node.peers`
 * @param options whether to follow changes of `peers`
 * @returns an operator; a subscription costs one subscription of the source, one of `peers`, and up
 *   to one stored answer per peer
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { majority, type Peers } from 'rx-cluster'
 * import { BehaviorSubject, from } from 'rxjs'
 *
 * // In a program: inbox.pipe(filter(isVote), majority(node.peers))
 * const members = [2, 3, 4, 5].map((pid) => ({ pid, endpoint: `inproc://${pid}` }))
 * const peers = new BehaviorSubject<Peers>(new Map(members.map((peer) => [peer.pid, peer])))
 * const votes = from([2, 3].map((pid) => ({ pid, msg: 'yes' })))
 * votes.pipe(majority(peers)).subscribe(({ answers, missing }) => {
 *   console.log(answers.map(({ pid }) => pid), missing) // [ 2, 3 ] [ 4, 5 ]
 * })
 * ```
 * @see {@link quorum} takes any number of answers and does not count this node.
 */
export function majority<E extends Pick<Envelope, 'pid'>>(
  peers: Observable<Peers>,
  options: MajorityOptions = {},
): OperatorFunction<E, Quorum<E>> {
  checkArgument('majority', 'peers', peers, AN_OBSERVABLE)
  checkOptions('majority', options, OPTIONS)
  return quorum((peerCount) => Math.floor((peerCount + 1) / 2), { ...options, peers })
}
