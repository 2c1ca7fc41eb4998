/** The function `typed`. */
import { filter, share } from 'rxjs'
import { decodeMessage } from '../operators/decode-message.ts'
import type { DecodeMessageOptions } from '../operators/decode-message.ts'
import { A_SCHEMA } from '../operators/internal/decode-with.ts'
import { A_MAILBOX } from '../operators/internal/mailbox-rules.ts'
import { PendingRequests } from '../operators/internal/pending-requests.ts'
import { setRawMailbox } from '../operators/internal/raw-mailbox.ts'
import { isRequestMessage } from '../operators/internal/request-message.ts'
import { A_SINK, checkArgument, checkOptions } from '../model/check-arguments.ts'
import type { Envelope } from '../model/envelope.ts'
import type { Mailbox } from '../ports/mailbox.ts'
import type { AnySchema, InputOf, OutputOf } from '../ports/schema.ts'

const OPTIONS = { optional: { rejected: A_SINK } }

/** Options of `typed`. */
export type TypedOptions = DecodeMessageOptions

/**
 * Returns a mailbox whose messages are decoded with a schema, once for all subscribers.
 *
 * ```text
 * node.inbox     -a--b--c--     b does not match the schema
 * mailbox.inbox  -A-----C--
 * rejected       ----b-----
 * ```
 *
 * Its inbox emits the messages that match, with the type that the schema returns. Its outbox takes
 * messages of the type that the schema accepts; they are not checked again, since the receiver
 * checks them. Messages of `request` with a definition, `{ request: name, value }`, pass undecoded
 * to `handle` and never to `rejected`; one that no `handle` takes is ignored. So do the replies
 * that a request waits for; a reply that comes later is decoded as any other message. An error
 * reply that no request waits for goes to `rejected`, undecoded.
 *
 * The inbox is subscribed to while `mailbox.inbox` has a subscriber. Completion and errors pass
 * through.
 *
 * @param mailbox a node, or any mailbox
 * @param schema the schema of all messages of this protocol: an io-ts codec, a synchronous Standard
 *   Schema, as those of zod, valibot and arktype, or a type guard
 * @param options the sink of rejected messages
 * @returns a mailbox; all subscribers of its inbox share one subscription of the inbox and one
 *   decoding of each message
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { createNode, typed } from 'rx-cluster'
 * import { firstValueFrom } from 'rxjs'
 * import * as t from 'io-ts'
 *
 * const Vote = t.type({ type: t.literal('vote'), term: t.number })
 * const peers = [1, 2].map((pid) => ({ pid, endpoint: `inproc://typed-${pid}` }))
 * const one = await createNode({ cluster: 'typed', peers }, 1)
 * const two = await createNode({ cluster: 'typed', peers }, 2)
 *
 * const rejected = ({ issues }: { issues: readonly string[] }) => console.log(issues[0])
 * const mailbox = typed(two, Vote, { rejected })
 * const vote = firstValueFrom(mailbox.inbox)
 * one.outbox.next({ pid: 2, msg: { type: 'vote', term: 'a' } })
 * // msg.term: expected number, got "a"
 * typed(one, Vote).outbox.next({ pid: 2, msg: { type: 'vote', term: 1 } })
 * console.log((await vote).msg.term) // 1
 * await Promise.all([one.close(), two.close()])
 * ```
 * @see {@link decodeMessage} is the operator alone.
 */
export function typed<S extends AnySchema>(
  mailbox: Mailbox,
  schema: S,
  options: TypedOptions = {},
): Mailbox<OutputOf<S>, InputOf<S>> {
  checkArgument('typed', 'mailbox', mailbox, A_MAILBOX)
  checkArgument('typed', 'schema', schema, A_SCHEMA)
  checkOptions('typed', options, OPTIONS)
  const decode = decodeMessage(schema, options)
  const requests = PendingRequests.of(mailbox)
  const passesUndecoded = ({ pid, re, msg }: Envelope): boolean =>
    isRequestMessage(msg) || (re !== undefined && requests.expects(pid, re))
  const result: Mailbox<OutputOf<S>, InputOf<S>> = {
    pid: mailbox.pid,
    inbox: mailbox.inbox.pipe(
      filter((envelope) => !passesUndecoded(envelope)),
      decode,
      share(),
    ),
    outbox: mailbox.outbox,
    peers: mailbox.peers,
    links: mailbox.links,
    closed: mailbox.closed,
    deliver: (envelope) => mailbox.deliver(envelope),
    ...(mailbox.consumeReplies === undefined
      ? {}
      : { consumeReplies: mailbox.consumeReplies.bind(mailbox) }),
  }
  setRawMailbox(result, mailbox)
  return result
}
