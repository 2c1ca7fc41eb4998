/** The operator `decodeMessage`. */
import { filter, map } from 'rxjs'
import type { OperatorFunction } from 'rxjs'
import { emitTo } from './internal/sink.ts'
import type { Sink } from './internal/sink.ts'
import { decodeWith } from './internal/decode-with.ts'
import { A_SINK, checkOptions } from '../model/check-arguments.ts'
import type { Envelope } from '../model/envelope.ts'
import type { AnySchema, OutputOf } from '../ports/schema.ts'

const OPTIONS = { optional: { rejected: A_SINK } }

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
 * ```ts usage
 * node.inbox
 *   .pipe(decodeMessage(Vote, { rejected: ({ issues }) => console.warn(issues) }))
 *   .subscribe(({ pid, msg }) => console.log(pid, msg.term))
 * ```
 *
 * ```marbles
 * # a message that does not match goes to rejected, with the path that failed
 * decodeMessage vote
 * source   -a-b-|
 * a = 2: {"type":"vote","term":1}
 * b = 3: {"type":"vote","term":"a"}
 * ----
 * result   -a---|
 * rejected ---R--
 * R = {"pid":3,"issues":["msg.term: expected number, got \"a\""]}
 * ```
 *
 * Headers stay as they are. An error reply has no message: it goes to `rejected` undecoded, with
 * its code and text as the issue. (`request` takes the error replies that it waits for.)
 *
 * A schema that throws, a decoder that returns no Either, or a type guard that returns no boolean
 * rejects that message; the result goes on. `rejected` is neither completed nor errored, so that
 * several operators can share it. Completion and errors of the source pass through. A schema that
 * turns out to be asynchronous for a message is an `INVALID_ARGUMENT` error of the result.
 *
 * @param schema an io-ts codec, or any object with such a `decode`; a synchronous Standard Schema,
 *   as those of zod, valibot and arktype; or a type guard, which cannot say what does not match
 * @param options the sink of rejected messages
 * @returns an operator without state; a subscription costs one subscription of the source, and one
 *   `decode` per envelope
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { decodeMessage, type Incarnation } from 'rx-cluster'
 * import { from, map } from 'rxjs'
 * import * as t from 'io-ts'
 *
 * const Vote = t.type({ type: t.literal('vote'), term: t.number })
 * // In a program, the source is node.inbox.
 * const incarnation = '7f' as Incarnation
 * const inbox = from([1, 'a']).pipe(
 *   map((term) => ({ pid: 2, incarnation, msgId: 1, msg: { type: 'vote', term } })),
 * )
 * const votes = decodeMessage(Vote, {
 *   rejected: ({ issues }) => console.log(issues[0]), // msg.term: expected number, got "a"
 * })
 * inbox.pipe(votes).subscribe(({ msg }) => console.log(msg.term)) // 1
 * ```
 */
export function decodeMessage<S extends AnySchema>(
  schema: S,
  options: DecodeMessageOptions = {},
): OperatorFunction<Envelope, Envelope<OutputOf<S>>> {
  const decode = decodeWith(['decodeMessage', 'schema'], schema)
  checkOptions('decodeMessage', options, OPTIONS)
  const { rejected } = options
  const decodeEnvelope = (envelope: Envelope): Envelope<OutputOf<S>> | undefined => {
    const { error } = envelope
    const decoded =
      error === undefined
        ? decode(envelope.msg)
        : { issues: [`error: the reply is an error, ${error.code}: ${error.message}`] }
    if ('value' in decoded) return { ...envelope, msg: decoded.value }
    emitTo(rejected, { envelope, issues: decoded.issues })
    return undefined
  }
  return (source) =>
    source.pipe(
      map(decodeEnvelope),
      filter((envelope) => envelope !== undefined),
    )
}
