/** Envelopes: the items of an outbox and of an inbox. */
import { AN_OBJECT, checkArgument } from './check-arguments.ts'
import type { Pid } from './pid.ts'

/** Identifies a message for its sender: an integer from 0 to 2⁵³ − 1, opaque to the library. */
export type MsgId = number

/**
 * Identifies one process lifetime of a node: 16 hex digits, random at each start. Only a node draws
 * one, and the brand keeps other texts out.
 */
export type Incarnation = string & { readonly brand: 'Incarnation' }

/**
 * Texts that travel with a message, such as the ids of a trace: at most 32, of 8 KiB in all. The
 * library never interprets them.
 */
export type EnvelopeHeaders = Readonly<Record<string, string>>

/** An error of the handler of a request, as its requester gets it. */
export interface ReplyError {
  readonly code: string
  readonly message: string
}

/** An item of the inbox: a message and its sender. */
export interface Envelope<T = unknown> {
  /** The sender. */
  readonly pid: Pid
  /** Differs between envelopes of one pid if and only if the sender has restarted. */
  readonly incarnation: Incarnation
  /** Unique within the incarnation, unless the application assigns ids of its own. */
  readonly msgId: MsgId
  /** The `msgId` of the envelope that this one replies to. */
  readonly re?: MsgId | undefined
  /** Absent where the sender gave none. */
  readonly headers?: EnvelopeHeaders | undefined
  /** The error of the handler, in a reply of a handler that failed; `msg` is undefined then. */
  readonly error?: ReplyError | undefined
  readonly msg: T
}

/** An item of the outbox: a message and its receiver. */
export interface OutgoingEnvelope<T = unknown> {
  /** The receiver, or `BROADCAST`. */
  readonly pid: Pid
  readonly msg: T
  /** Assigned from `startMsgId` upward if left out. */
  readonly msgId?: MsgId | undefined
  /** The `msgId` of the envelope that this one replies to. */
  readonly re?: MsgId | undefined
  readonly headers?: EnvelopeHeaders | undefined
  /** Makes a reply an error reply: it is sent instead of `msg`. Only with `re`. */
  readonly error?: ReplyError | undefined
  /**
   * The only incarnation of the receiver that may get the envelope; `reply` sets it. Once it is
   * gone, the envelope is a dead letter with reason `peer-restarted`, whatever `onRestart` says.
   */
  readonly toIncarnation?: Incarnation | undefined
  /** How long the envelope may wait to be sent, in milliseconds. Default: `ttlMs` of the config. */
  readonly ttlMs?: number | undefined
}

/** What an envelope may carry beside its ids and its message. */
type OptionalFields = Pick<Envelope, 're' | 'headers' | 'error'>

/** Returns those of the optional fields that are set, for a copy of an envelope. */
export function optionalFields({ re, headers, error }: OptionalFields): OptionalFields {
  return {
    ...(re === undefined ? {} : { re }),
    ...(headers === undefined ? {} : { headers }),
    ...(error === undefined ? {} : { error }),
  }
}

/** Emitted by `deliver` when the inbox of the receiver has taken the envelope. */
export interface Receipt {
  readonly pid: Pid
  readonly msgId: MsgId
}

/** Returns whether a value is the error of a handler. */
export function isReplyError(value: unknown): value is ReplyError {
  if (typeof value !== 'object' || value === null) return false
  const { code, message } = value as Partial<Record<keyof ReplyError, unknown>>
  return typeof code === 'string' && typeof message === 'string'
}

/** Returns an error as it arrived, without the further fields that a peer may have added. */
export function toReplyError({ code, message }: ReplyError): ReplyError {
  return { code, message }
}

/** Returns whether a value is a valid `msgId`. */
export function isMsgId(value: unknown): value is MsgId {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/**
 * Creates a reply to the sender of `envelope`, with its `msgId` as `re`.
 *
 * The reply is for the incarnation that has sent the envelope: a successor counts its `msgId`s from
 * the same number, and would take the reply for that of another request. It has no headers: those
 * of the request are its sender's. To pass them on, write `{ ...reply(envelope, msg), headers }`.
 */
export function reply<T>(
  envelope: Pick<Envelope, 'pid' | 'incarnation' | 'msgId'>,
  msg: T,
): OutgoingEnvelope<T> {
  checkArgument('reply', 'envelope', envelope, AN_OBJECT)
  const { pid, incarnation, msgId } = envelope
  return { pid, toIncarnation: incarnation, re: msgId, msg }
}
