import type { Observable, OperatorFunction } from 'rxjs';
import type { Envelope } from '../model/envelope.ts';
import type { Peers } from '../model/peer.ts';
import type { Pid } from '../model/pid.ts';
/** Enough answers. */
export interface Quorum<E> {
    /** The first of each peer, in the order they came. */
    readonly answers: readonly E[];
    /** Who has not answered; empty where nobody in particular was expected. */
    readonly missing: readonly Pid[];
}
/** Whose answers count. */
export interface QuorumOptions {
    /** Whose answers count. Default: everybody's. */
    readonly peers?: Observable<Peers> | readonly Pid[];
    /**
     * True: whoever joins counts, whoever leaves counts no more. Default: false, `peers` is read
     * once, at subscription.
     */
    readonly follow?: boolean;
}
/**
 * Gathers answers from distinct peers until there are enough of them.
 *
 * ```marbles
 * # the second answer of peer 2 does not count
 * quorum 2 peers=2,3,4
 * source  -a-b-c---
 * a = 2: "yes"
 * b = 2: "yes"
 * c = 3: "yes"
 * ----
 * result  -----(A|)
 * A = {"answers":["a","c"],"missing":[4]}
 * ```
 *
 * It emits once and completes. A source that completes before that makes it error with
 * `QUORUM_UNREACHABLE`, whose `issues` name who is missing; so do fewer peers than are needed, at
 * once, unless they are followed. Errors pass through. A quorum of 0 is there at once, and the
 * source is not subscribed to.
 *
 * @param needed how many answers: an integer of at least 0, or how many for so many peers
 * @param options whose answers count
 * @returns an operator whose subscription costs one of the source, one of `peers`, and one answer
 *   per peer
 */
export declare function quorum<E extends Pick<Envelope, 'pid'>>(needed: number | ((peers: number) => number), options?: QuorumOptions): OperatorFunction<E, Quorum<E>>;
