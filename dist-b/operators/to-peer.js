/** The operator `toPeer`: values → envelopes for one peer. */
import { map } from 'rxjs';
/**
 * Puts each value into an envelope for one peer.
 *
 * ```marbles
 * # a value becomes an envelope for peer 2
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
 * A pid that is no peer's is not refused here: its envelopes come out of `deadLetters`, since peers
 * come and go. Completion and errors pass through.
 *
 * @param pid the receiver: an integer from 0 to 2³¹ − 1, or `BROADCAST`
 * @returns an operator that keeps nothing: a subscription costs one subscription of the source
 */
export function toPeer(pid) {
    return map((msg) => ({ pid, msg }));
}
