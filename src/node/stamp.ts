/** Stamping: turns what was put into the outbox into bytes, or says why that cannot be. */
import { type MsgId, type OutgoingEnvelope, isMsgId } from '../model/envelope.ts'
import { BROADCAST, isPid } from '../model/pid.ts'
import { type Codec, type EncodedMessage, NotEncodable } from '../ports/codec.ts'
import { bodyStart, headroom, readEntryHeader, writeEntryHeader } from '../core/wire/entry.ts'
import type { DeadReason } from '../model/dead-letter.ts'
import type { Slice } from '../core/wire/entry.ts'
import type { Pid } from '../model/pid.ts'

/** An envelope that can travel. */
export interface Stamped {
  /** The receiver, or `BROADCAST`. */
  readonly pid: Pid
  readonly msgId: MsgId
  readonly slice: Slice
  readonly ttlMs: number
}

/** An envelope that cannot. */
export interface Unstampable {
  /** Its receiver, as far as it has one. */
  readonly pid: Pid | undefined
  readonly reason: DeadReason
  readonly detail: string
}

/** What stamps need to know. */
export interface StampLimits {
  readonly startMsgId: number
  readonly maxMessageBytes: number
  readonly ttlMs: number
}

/** Stamps the envelopes of one node. */
export class Stamper {
  readonly #codec: Codec
  readonly #limits: StampLimits
  #nextMsgId: MsgId

  constructor(codec: Codec, limits: StampLimits) {
    this.#codec = codec
    this.#limits = limits
    this.#nextMsgId = limits.startMsgId
  }

  /** Encodes an envelope now: what is changed in it later is not seen any more. */
  stamp(value: unknown): Stamped | Unstampable {
    try {
      return this.#stamp(value)
    } catch (error) {
      // A getter or a proxy may throw whatever it likes; the outbox does not.
      return { pid: undefined, reason: 'invalid', detail: `it cannot be read: ${String(error)}` }
    }
  }

  /** Reads a stamped envelope again, as it was when it entered the outbox. */
  open(pid: Pid, entry: Slice): OutgoingEnvelope {
    const msg = this.#codec.decode(entry.memory, bodyStart(entry), entry.end)
    return { pid, ...readEntryHeader(entry), msg }
  }

  #stamp(value: unknown): Stamped | Unstampable {
    if (typeof value !== 'object' || value === null) {
      return {
        pid: undefined,
        reason: 'invalid',
        detail: `an envelope is an object, not ${typeName(value)}`,
      }
    }
    const { pid, msg, re, ttlMs = this.#limits.ttlMs, msgId } = value as Partial<OutgoingEnvelope>
    if (pid !== BROADCAST && !isPid(pid)) {
      return { pid: undefined, reason: 'invalid', detail: `pid: expected a pid, got ${show(pid)}` }
    }
    const wrong = check(msgId, re, ttlMs)
    if (wrong !== undefined) return { pid, reason: 'invalid', detail: wrong }
    const slice = this.#encode(msg, headroom(re))
    if (slice instanceof NotEncodable)
      return { pid, reason: 'not-encodable', detail: slice.message }
    const { memory, start, end } = slice
    const size = end - start - headroom(re)
    const { maxMessageBytes } = this.#limits
    if (size > maxMessageBytes) {
      const detail = `${size} bytes, and maxMessageBytes is ${maxMessageBytes}`
      return { pid, reason: 'too-large', detail }
    }
    // Not before: a getter may have sent something in the middle of it.
    const id = msgId ?? this.#nextMsgId++
    writeEntryHeader(memory, start, end, id, re)
    return { pid, msgId: id, slice, ttlMs }
  }

  #encode(msg: unknown, head: number): EncodedMessage | NotEncodable {
    try {
      return this.#codec.encode(msg, head)
    } catch (error) {
      if (error instanceof NotEncodable) return error
      throw error
    }
  }
}

/** The envelope of a dead letter that was never stamped: as it was put in, but for its receiver. */
export function addressed(value: unknown, pid: Pid | undefined): OutgoingEnvelope {
  if (pid === undefined) return value as OutgoingEnvelope
  try {
    return { ...(value as OutgoingEnvelope), pid }
  } catch {
    // It cannot even be copied.
    return { pid, msg: undefined }
  }
}

function check(msgId: unknown, re: unknown, ttlMs: unknown): string | undefined {
  const expected = 'an integer from 0 to 2^53 - 1'
  if (msgId !== undefined && !isMsgId(msgId))
    return `msgId: expected ${expected}, got ${show(msgId)}`
  if (re !== undefined && !isMsgId(re)) return `re: expected ${expected}, got ${show(re)}`
  if (typeof ttlMs === 'number' && ttlMs >= 0) return undefined
  return `ttlMs: expected milliseconds, 0 or more, got ${show(ttlMs)}`
}

function show(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string'
    ? JSON.stringify(value)
    : typeName(value)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return typeof value
}
