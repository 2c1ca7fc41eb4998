/** The operator `ofType`: only messages of one shape, with their type. */
import { filter, map } from 'rxjs'
import type { OperatorFunction } from 'rxjs'
import { formatIssues } from '../base/decode-issues.ts'
import { emitTo } from './internal/sink.ts'
import type { Sink } from './internal/sink.ts'
import type { Envelope } from '../model/envelope.ts'

/** More issues than this are counted, not listed. */
const ISSUES_MAX = 20

/** Anything that decodes: a codec of io-ts, or a hand-made object. */
export interface Decoder<A> {
  readonly decode: (input: unknown) => DecodeResult<A>
}

/** What a decoder returns: an Either of fp-ts. */
export type DecodeResult<A> =
  { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: A }

/** An envelope whose message was not accepted. */
export interface RejectedMessage {
  readonly envelope: Envelope
  /**
   * Each problem with its path: `msg.term: expected number, got "a"`. At most 20 and one that
   * counts the rest.
   */
  readonly issues: readonly string[]
}

/** Options of `decodeMessage`. */
export interface DecodeMessageOptions {
  /** Receives each envelope that was not accepted. Default: they are dropped. */
  readonly rejected?: Sink<RejectedMessage>
}

/**
 * Keeps the messages that a decoder accepts, as what it makes of them.
 *
 * ```marbles
 * # a message of another shape goes to rejects, with the path that failed
 * decodeMessage vote
 * source  -a-b-|
 * a = 2: {"type":"vote","term":1}
 * b = 3: {"type":"vote","term":"a"}
 * ----
 * result  -a---|
 * rejected ---A--
 * A = {"pid":3,"issues":["msg.term: expected number, got \"a\""]}
 * ```
 *
 * A decoder that throws, or returns no Either, rejects; the stream goes on. `rejects` is only ever
 * told the next one: it is neither completed nor errored, so that many `ofType` may share it.
 * Completion and errors pass through.
 *
 * @param schema an io-ts codec, or anything with its `decode`
 * @param rejected is told what was not accepted; without it that is dropped
 * @returns an operator that keeps nothing: a subscription costs one subscription of the source, and
 *   one decoding per envelope
 */
export function decodeMessage<A>(
  schema: Decoder<A>,
  options: DecodeMessageOptions = {},
): OperatorFunction<Envelope, Envelope<A>> {
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
    return { _tag: 'Left', left: 'msg: the decoder returned no Either' }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { _tag: 'Left', left: `msg: the decoder threw: ${message}` }
  }
}

function isEither<A>(value: unknown): value is DecodeResult<A> {
  return typeof value === 'object' && value !== null && ('right' in value || 'left' in value)
}
