/** The operator `majority`: so many answers that no other majority can decide otherwise. */
import type { Observable, OperatorFunction } from 'rxjs'
import type { Envelope } from '../model/envelope.ts'
import type { Peers } from '../model/peer.ts'
import { quorum } from './quorum.ts'
import type { Quorum } from './quorum.ts'

/** Whether the majority changes its size. */
export interface MajorityOptions {
  /**
   * True: it is a majority of whoever is there now. Default: false, of those who were there at
   * subscription.
   */
  readonly follow?: boolean
}

/**
 * Gathers answers from distinct peers until they are a majority of the cluster together with me.
 *
 * ```marbles
 * # five processes, of which I am one: two answers from others are enough
 * majority
 * peers   p--------
 * source  -a-b-c---
 * a = 2: "yes"
 * b = 2: "yes"
 * c = 3: "yes"
 * p = [2,3,4,5]
 * ----
 * result  -----(A|)
 * A = {"answers":["a","c"],"missing":[4,5]}
 * ```
 *
 * My own vote is counted: ⌊(peers + 1) / 2⌋ answers from others, none if I am alone. Only peers
 * count. The size is fixed at subscription, because two majorities of different clusters need not
 * meet; with `follow` an answer of somebody who has left counts no more. It emits, completes and
 * errors as `quorum` does.
 *
 * @param peers everyone but me, as a node tells it
 * @param options whether it follows `peers`
 * @returns an operator whose subscription costs one of the source, one of `peers`, and one answer
 *   per peer
 */
export function majority<E extends Pick<Envelope, 'pid'>>(
  peers: Observable<Peers>,
  options: MajorityOptions = {},
): OperatorFunction<E, Quorum<E>> {
  return quorum((peerCount) => Math.floor((peerCount + 1) / 2), { ...options, peers })
}
