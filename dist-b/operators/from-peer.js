/** The operator `fromPeer`: only what certain peers sent. */
import { filter } from 'rxjs';
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
export function fromPeer(...pids) {
    const wanted = new Set(pids);
    return filter((envelope) => wanted.has(envelope.pid));
}
