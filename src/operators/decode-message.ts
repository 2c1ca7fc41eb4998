/** The operator `decodeMessage`. */
import { filter, map } from 'rxjs'
import type { OperatorFunction } from 'rxjs'
import { formatIssues } from '../base/decode-issues.ts'
import { emitTo } from './internal/sink.ts'
import type { Sink } from './internal/sink.ts'
import { A_SINK, checkArgument, checkOptions, withMethods } from '../model/check-arguments.ts'
import type { Envelope } from '../model/envelope.ts'

/** More issues than this are counted, not listed. */
const ISSUES_MAX = 20

const OPTIONS = { optional: { rejected: A_SINK } }

/** Decodes a message: an io-ts codec, or any object with such a `decode`. */
export interface Decoder<A> {
  readonly decode: (input: unknown) => DecodeResult<A>
}

/** The result of a decoder: an Either of fp-ts. */
export type DecodeResult<A> =
  { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: A }

/** An envelope whose message does not match the schema. */
export interface RejectedMessage {
  readonly envelope: Envelope
  /**
   * One line per issue, with its path: `msg.term: expected number, got "a"`. Up to 20 lines, and
   * one that counts the others.
   */
  readonly issues: readonly string[]
}

/** Options of `decodeMessage`. */
export interface DecodeMessageOptions {
  /** Receives each envelope whose message does not match. Default: such envelopes are dropped. */
  readonly rejected?: Sink<RejectedMessage> | undefined
}

/**
 * Keeps the envelopes whose message matches a schema, with the decoded message.
 *
 * ```marbles
 * # a message that does not match goes to rejected, with the path that failed
 * decodeMessage vote
 * source   -a-b-|
 * a = 2: {"type":"vote","term":1}
 * b = 3: {"type":"vote","term":"a"}
 * ----
 * result   -a---|
 * rejected ---A--
 * A = {"pid":3,"issues":["msg.term: expected number, got \"a\""]}
 * ```
 *
 * A decoder that throws, or returns no Either, rejects that message; the result goes on. `rejected`
 * is neither completed nor errored, so that several operators can share it. Completion and errors
 * of the source pass through.
 *
 * @param schema an io-ts codec, or any object with such a `decode`
 * @param options the sink of rejected messages
 * @returns an operator without state; a subscription costs one subscription of the source, and one
 *   `decode` per envelope
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { decodeMessage } from 'rx-cluster'
 * import { from, map } from 'rxjs'
 * import * as t from 'io-ts'
 *
 * const Vote = t.type({ type: t.literal('vote'), term: t.number })
 * // In a program, the source is node.inbox.
 * const inbox = from([1, 'a']).pipe(
 *   map((term) => ({ pid: 2, incarnation: '7f', msgId: 1, msg: { type: 'vote', term } })),
 * )
 * const votes = decodeMessage(Vote, {
 *   rejected: ({ issues }) => console.log(issues[0]), // msg.term: expected number, got "a"
 * })
 * inbox.pipe(votes).subscribe(({ msg }) => console.log(msg.term)) // 1
 * ```
 */
export function decodeMessage<A>(
  schema: Decoder<A>,
  options: DecodeMessageOptions = {},
): OperatorFunction<Envelope, Envelope<A>> {
  checkArgument('decodeMessage', 'schema', schema, withMethods('an io-ts codec', 'decode'))
  checkOptions('decodeMessage', options, OPTIONS)
  const { rejected } = options
  const decodeEnvelope = (envelope: Envelope): Envelope<A> | undefined => {
    const decoded = decode(schema, envelope.msg)
    if ('right' in decoded) return { ...envelope, msg: decoded.right }
    emitTo(rejected, {
      envelope,
      issues: formatIssues(decoded.left, { root: 'msg', max: ISSUES_MAX }),
    })
    return undefined
  }
  return (source) =>
    source.pipe(
      map(decodeEnvelope),
      filter((envelope) => envelope !== undefined),
    )
}

function decode<A>(decoder: Decoder<A>, msg: unknown): DecodeResult<A> {
  try {
    const decoded: unknown = decoder.decode(msg)
    if (isEither<A>(decoded)) return decoded
    return { _tag: 'Left', left: 'msg: the decoder returned neither Left nor Right' }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { _tag: 'Left', left: `msg: the decoder threw: ${message}` }
  }
}

function isEither<A>(value: unknown): value is DecodeResult<A> {
  return typeof value === 'object' && value !== null && ('right' in value || 'left' in value)
}
