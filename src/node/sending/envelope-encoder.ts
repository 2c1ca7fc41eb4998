/** Encodes outgoing envelopes into entries, or reports why they are invalid. */
import {
  type Incarnation,
  type MsgId,
  type OutgoingEnvelope,
  type ReplyError,
  isMsgId,
} from '../../model/envelope.ts'
import { describeValue } from '../../base/describe-value.ts'
import { BROADCAST, isPid, textPidAdvice } from '../../model/pid.ts'
import { type Codec, type EncodedMessage, NotEncodableError } from '../../ports/codec.ts'
import { encodeHeaders } from '../../protocol/wire/headers.ts'
import {
  bodyStart,
  headroom,
  isErrorReply,
  readEntryHeader,
  writeEntryHeader,
} from '../../protocol/wire/entry.ts'
import type { DeadReason } from '../../model/dead-letter.ts'
import type { EncodedEntry } from '../../protocol/wire/entry.ts'
import type { Pid } from '../../model/pid.ts'

/** An envelope that can be sent. */
export interface EncodedEnvelope {
  /** The receiver, or `BROADCAST`. */
  readonly pid: Pid
  readonly msgId: MsgId
  readonly entry: EncodedMessage
  readonly ttlMs: number
  readonly toIncarnation: Incarnation | undefined
}

/** An envelope that cannot be sent. */
export interface InvalidEnvelope {
  /** The receiver; undefined where it has no valid one. */
  readonly pid: Pid | undefined
  readonly reason: DeadReason
  readonly detail: string
}

/** The limits of outgoing envelopes. */
export interface EncoderLimits {
  readonly startMsgId: number
  readonly maxMessageBytes: number
  readonly ttlMs: number
}

/** Encodes the envelopes of one node, and assigns their `msgId`s. */
export class EnvelopeEncoder {
  readonly #codec: Codec
  readonly #limits: EncoderLimits
  #nextMsgId: MsgId

  constructor(codec: Codec, limits: EncoderLimits) {
    this.#codec = codec
    this.#limits = limits
    this.#nextMsgId = limits.startMsgId
  }

  /** Encodes an envelope. Never throws, and keeps no reference to it. */
  encode(value: unknown): EncodedEnvelope | InvalidEnvelope {
    try {
      return this.#encodeEnvelope(value)
    } catch (error) {
      // A getter or a proxy of the application threw.
      return {
        pid: undefined,
        reason: 'invalid',
        detail: `the envelope cannot be read: ${String(error)}`,
      }
    }
  }

  /** Decodes an entry: the envelope as it was when it was encoded. */
  decode(
    pid: Pid,
    entry: EncodedEntry & { readonly toIncarnation?: Incarnation },
  ): OutgoingEnvelope {
    const body = this.#codec.decode(entry.memory, bodyStart(entry), entry.end)
    const header = { pid, ...readEntryHeader(entry) }
    const envelope = isErrorReply(entry)
      ? { ...header, error: body as ReplyError, msg: undefined }
      : { ...header, msg: body }
    const { toIncarnation } = entry
    return toIncarnation === undefined ? envelope : { ...envelope, toIncarnation }
  }

  #encodeEnvelope(value: unknown): EncodedEnvelope | InvalidEnvelope {
    if (typeof value !== 'object' || value === null) {
      return {
        pid: undefined,
        reason: 'invalid',
        detail: `an envelope is an object, not ${describeValue(value)}`,
      }
    }
    const { pid, msg, re, ttlMs = this.#limits.ttlMs, msgId } = value as Partial<OutgoingEnvelope>
    const { toIncarnation, headers, error } = value as Partial<OutgoingEnvelope>
    if (pid !== BROADCAST && !isPid(pid)) {
      return {
        pid: undefined,
        reason: 'invalid',
        detail: `pid: expected a pid, got ${describeValue(pid)}${textPidAdvice(pid)}`,
      }
    }
    const problem =
      headerProblem(msgId, re, ttlMs) ??
      incarnationProblem(pid, toIncarnation) ??
      errorProblem(error, re)
    if (problem !== undefined) return { pid, reason: 'invalid', detail: problem }
    const texts = headers === undefined ? undefined : encodeHeaders(headers)
    if (typeof texts === 'string') return { pid, reason: 'invalid', detail: texts }
    const isError = error !== undefined
    const body = isError ? { code: error.code, message: error.message } : msg
    const encoded = this.#encodeMessage(body, headroom(re, texts))
    if (encoded instanceof NotEncodableError) {
      const { reason, message } = encoded
      return { pid, reason, detail: isError ? message.replace(/^msg/, 'error') : message }
    }
    const { memory, start, end } = encoded
    const size = end - start - headroom(re, texts)
    const { maxMessageBytes } = this.#limits
    if (size > maxMessageBytes) {
      const detail = `${size} bytes, and maxMessageBytes is ${maxMessageBytes}`
      return { pid, reason: 'too-large', detail }
    }
    // Assign the id last: a getter may have sent another envelope meanwhile.
    const assignedId = msgId ?? this.#nextMsgId++
    writeEntryHeader(memory, start, end, { msgId: assignedId, re, headers: texts, isError })
    return { pid, msgId: assignedId, entry: encoded, ttlMs, toIncarnation }
  }

  #encodeMessage(msg: unknown, headroomBytes: number): EncodedMessage | NotEncodableError {
    try {
      return this.#codec.encode(msg, headroomBytes)
    } catch (error) {
      if (error instanceof NotEncodableError) return error
      throw error
    }
  }
}

/** Returns the envelope of a dead letter that could not be encoded, with `pid` as its receiver. */
export function withReceiver(value: unknown, pid: Pid | undefined): OutgoingEnvelope {
  if (pid === undefined) return value as OutgoingEnvelope
  try {
    return { ...(value as OutgoingEnvelope), pid }
  } catch {
    // A getter threw.
    return { pid, msg: undefined }
  }
}

function errorProblem(error: unknown, re: unknown): string | undefined {
  if (error === undefined) return undefined
  if (typeof error !== 'object' || error === null) {
    return `error: expected { code, message }, got ${describeValue(error)}`
  }
  for (const field of ['code', 'message'] as const) {
    const text = (error as Partial<ReplyError>)[field]
    if (typeof text !== 'string') {
      return `error.${field}: expected a text, got ${describeValue(text)}`
    }
  }
  return re === undefined ? 'error: only a reply can be an error, and re is missing' : undefined
}

function headerProblem(msgId: unknown, re: unknown, ttlMs: unknown): string | undefined {
  const expected = 'an integer from 0 to 2^53 - 1'
  if (msgId !== undefined && !isMsgId(msgId))
    return `msgId: expected ${expected}, got ${describeValue(msgId)}`
  if (re !== undefined && !isMsgId(re)) return `re: expected ${expected}, got ${describeValue(re)}`
  if (typeof ttlMs === 'number' && ttlMs >= 0) return undefined
  return `ttlMs: expected milliseconds, 0 or more, got ${describeValue(ttlMs)}`
}

function incarnationProblem(pid: Pid, toIncarnation: unknown): string | undefined {
  if (toIncarnation === undefined) return undefined
  if (pid === BROADCAST) return 'toIncarnation: an envelope for BROADCAST cannot have it'
  if (typeof toIncarnation === 'string') return undefined
  const got = describeValue(toIncarnation)
  return `toIncarnation: expected the incarnation of an envelope, got ${got}`
}
