import type { Observer, OperatorFunction } from 'rxjs';
import type { Envelope } from '../model/envelope.ts';
/** Anything that decodes: a codec of io-ts, or a hand-made object. */
export interface Decoder<A> {
    readonly decode: (input: unknown) => Decoded<A>;
}
/** What a decoder returns: an Either of fp-ts. */
export type Decoded<A> = {
    readonly _tag: 'Left';
    readonly left: unknown;
} | {
    readonly _tag: 'Right';
    readonly right: A;
};
/** An envelope whose message was not accepted. */
export interface Rejected {
    readonly envelope: Envelope;
    /**
     * Each problem with its path: `msg.term: expected number, got "a"`. At most 20 and one that
     * counts the rest.
     */
    readonly issues: readonly string[];
}
/**
 * Keeps the messages that a decoder accepts, as what it makes of them.
 *
 * ```marbles
 * # a message of another shape goes to rejects, with the path that failed
 * ofType vote
 * source  -a-b-|
 * a = 2: {"type":"vote","term":1}
 * b = 3: {"type":"vote","term":"a"}
 * ----
 * result  -a---|
 * rejects ---A--
 * A = {"pid":3,"issues":["msg.term: expected number, got \"a\""]}
 * ```
 *
 * A decoder that throws, or returns no Either, rejects; the stream goes on. `rejects` is only ever
 * told the next one: it is neither completed nor errored, so that many `ofType` may share it.
 * Completion and errors pass through.
 *
 * @param decoder an io-ts codec, or anything with its `decode`
 * @param rejects is told what was not accepted; without it that is dropped
 * @returns an operator that keeps nothing: a subscription costs one subscription of the source, and
 *   one decoding per envelope
 */
export declare function ofType<A>(decoder: Decoder<A>, rejects?: Pick<Observer<Rejected>, 'next'>): OperatorFunction<Envelope, Envelope<A>>;
