/** The operator `ofType`: only messages of one shape, with their type. */
import { filter, map } from 'rxjs';
import { issuesOf } from '../core/issues.js';
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
export function ofType(decoder, rejects) {
    const accept = (envelope) => {
        const decoded = decode(decoder, envelope.msg);
        if ('right' in decoded)
            return { ...envelope, msg: decoded.right };
        rejects?.next({ envelope, issues: issuesOf(decoded.left, 'msg') });
        return undefined;
    };
    return (source) => source.pipe(map(accept), filter((envelope) => envelope !== undefined));
}
function decode(decoder, msg) {
    try {
        const decoded = decoder.decode(msg);
        if (isEither(decoded))
            return decoded;
        return { _tag: 'Left', left: 'msg: the decoder returned no Either' };
    }
    catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        return { _tag: 'Left', left: `msg: the decoder threw: ${said}` };
    }
}
function isEither(value) {
    return typeof value === 'object' && value !== null && ('right' in value || 'left' in value);
}
