import type { OperatorFunction } from 'rxjs';
import type { OutgoingEnvelope } from '../model/envelope.ts';
/**
 * Puts each value into an envelope for every peer but myself.
 *
 * ```marbles
 * # a value becomes an envelope for everybody
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
 * Who is a peer is decided when the envelope enters the outbox; with no peer at all it goes to
 * nobody, and nothing is dead. Completion and errors pass through.
 *
 * @returns an operator that keeps nothing: a subscription costs one subscription of the source
 */
export declare function broadcast<T>(): OperatorFunction<T, OutgoingEnvelope<T>>;
