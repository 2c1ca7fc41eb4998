/** The creation function `handle`. */
import { filter, map } from 'rxjs'
import type { Observable } from 'rxjs'
import type { RejectedMessage } from './decode-message.ts'
import type { Decode, Decoded } from './internal/decode-with.ts'
import { A_HANDLING_MAILBOX } from './internal/mailbox-rules.ts'
import { A_DEFINITION } from './internal/request-definition.ts'
import type { RequestDefinition } from './internal/request-definition.ts'
import { rawMailboxOf } from './internal/raw-mailbox.ts'
import { isRequestMessage } from './internal/request-message.ts'
import { errorReply } from './internal/reply-error.ts'
import { emitTo } from './internal/sink.ts'
import type { Sink } from './internal/sink.ts'
import { replyWith } from './reply-with.ts'
import type { FailedReply } from './reply-with.ts'
import { A_FUNCTION, A_SINK, checkArgument, checkOptions } from '../model/check-arguments.ts'
import type { Envelope, OutgoingEnvelope } from '../model/envelope.ts'
import type { Mailbox } from '../ports/mailbox.ts'
import type { AnySchema, InputOf, OutputOf } from '../ports/schema.ts'
import type { ObservableInput } from 'rxjs'

/**
 * What a handler returns: a reply, or an Observable, a promise, an array or another iterable of
 * replies. A reply that is an array itself is wrapped: `[[1, 2]]`.
 */
export type HandlerResult<Reply> = BareReply<Reply> | ObservableInput<Reply>

/** The replies that are not taken for several. */
export type BareReply<Reply> = Reply extends string | ArrayBufferView
  ? Reply
  : Reply extends ObservableInput<unknown>
    ? never
    : Reply

/** Options of `handle`. */
export interface HandleOptions<Value> {
  /** Receives each request whose value does not match. Default: only its sender learns of it. */
  readonly rejected?: Sink<RejectedMessage> | undefined
  /** Receives each request whose handler failed. Default: as that of `replyWith`. */
  readonly failed?: Sink<FailedReply<Value>> | undefined
}

const OPTIONS = { optional: { rejected: A_SINK, failed: A_SINK } }

/**
 * Replies to the requests of one definition, and emits the replies.
 *
 * ```ts usage
 * const Length = defineRequest({ name: 'length', request: t.string, reply: t.number })
 * handle(node, Length, ({ msg }) => msg.length).subscribe()
 * request(node, 2, Length, 'four').subscribe(({ msg }) => console.log(msg))
 * ```
 *
 * ```marbles
 * # only a has the name and a text as its value
 * handle
 * source   -a-b-c-|
 * a = 2: {"request":"length","value":"four"}
 * b = 2: {"request":"other","value":"four"}
 * c = 3: {"request":"length","value":7}
 * ----
 * result   -A-----|
 * outbox   -A---E--
 * rejected -----R--
 * A = to 2: 4 re a
 * E = to 3: error {"code":"REQUEST_INVALID","message":"msg: expected string, got 7"} re c
 * R = {"pid":3,"issues":["msg: expected string, got 7"]}
 * ```
 *
 * Nothing is replied before a subscription, and each subscription replies: subscribe once. The
 * sender of a request that does not match gets an error reply with the code `REQUEST_INVALID`, and
 * that of a request whose handler fails the code and message of its error: `request` errors with
 * `REMOTE_ERROR` at once.
 *
 * @param mailbox a node, or a mailbox of `typed`: its schema does not apply to requests
 * @param definition the kind of request
 * @param project returns the reply, or an Observable, a promise or an array of replies, as that of
 *   `replyWith`; wrap a reply that is an array itself: `[[1, 2]]`. Its argument has the decoded
 *   value as `msg`. `request` takes the first reply
 * @param options the sinks
 * @returns an Observable of the replies; a subscription costs one subscription of the inbox and one
 *   decoding per request
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { createNode, defineRequest, handle, request } from 'rx-cluster'
 * import { firstValueFrom } from 'rxjs'
 * import * as t from 'io-ts'
 *
 * const Add = defineRequest({ name: 'add', request: t.array(t.number), reply: t.number })
 * const peers = [1, 2].map((pid) => ({ pid, endpoint: `inproc://add-${pid}` }))
 * const client = await createNode({ cluster: 'add', peers }, 1)
 * const server = await createNode({ cluster: 'add', peers }, 2)
 *
 * handle(server, Add, ({ msg }) => msg.reduce((sum, one) => sum + one, 0)).subscribe()
 * console.log((await firstValueFrom(request(client, 2, Add, [1, 2, 3]))).msg) // 6
 * await Promise.all([client.close(), server.close()])
 * ```
 * @see {@link request} is the other side.
 */
export function handle<Request extends AnySchema, Reply extends AnySchema>(
  mailbox: Pick<Mailbox<unknown, never>, 'inbox' | 'outbox'>,
  definition: RequestDefinition<Request, Reply>,
  project: (request: Envelope<OutputOf<Request>>, index: number) => HandlerResult<InputOf<Reply>>,
  options: HandleOptions<OutputOf<Request>> = {},
): Observable<OutgoingEnvelope<InputOf<Reply>>> {
  checkArgument('handle', 'mailbox', mailbox, A_HANDLING_MAILBOX)
  checkArgument('handle', 'definition', definition, A_DEFINITION)
  checkArgument('handle', 'project', project, A_FUNCTION)
  checkOptions('handle', options, OPTIONS)
  const { rejected, failed } = options
  const { name, decodeRequest } = definition
  const raw = rawMailboxOf(mailbox) as unknown as Pick<Mailbox, 'inbox' | 'outbox'>
  const decode = (envelope: Envelope): Envelope<OutputOf<Request>> | undefined => {
    // A reply is no request, whatever it contains.
    if (envelope.re !== undefined || !isRequestMessage(envelope.msg, name)) return undefined
    const decoded = decodeOrRefuse(decodeRequest, envelope.msg.value)
    if ('value' in decoded) return { ...envelope, msg: decoded.value }
    const { issues } = decoded
    raw.outbox.next(errorReply(envelope, { code: 'REQUEST_INVALID', message: issues.join('; ') }))
    emitTo(rejected, { envelope, issues })
    return undefined
  }
  return raw.inbox.pipe(
    map(decode),
    filter((envelope) => envelope !== undefined),
    replyWith(raw, project, { failed }),
  ) as Observable<OutgoingEnvelope<InputOf<Reply>>>
}

/** A schema that turns out to be asynchronous refuses this request, and no other one. */
function decodeOrRefuse<A>(decode: Decode<A>, value: unknown): Decoded<A> {
  try {
    return decode(value)
  } catch (error) {
    return { issues: [(error as Error).message] }
  }
}
