/**
 * The encoding of an entry, which holds one envelope.
 *
 *     body length u32 | flags u8 | msgId u64 | re u64, if flag 1 | headers, if flag 4 | body
 *
 * Flag 2: the body is a separate part of the frame, so that large bodies are never copied. Flag 8:
 * the body is the error of a handler, in reply to a request.
 *
 * Headers are a count u16 of their bytes, then for each a text for its key and one for its value.
 */
import type { EnvelopeHeaders, MsgId } from '../../model/envelope.ts'
import { FEATURE } from './features.ts'
import { decodeHeaders } from './headers.ts'
import { MalformedFrame, readU32 } from './frame-bytes.ts'

/** The size of the header of an entry without `re`. */
export const ENTRY_HEADER_BYTES = 13
/** The size of the header of an entry with `re`. */
export const ENTRY_HEADER_WITH_RE_BYTES = 21

/** A body of at least this many bytes is a separate part of its frame. */
export const SEPARATE_PART_BYTES = 32 * 1024

const FLAG_RE = 1
const FLAG_SEPARATE_PART = 2
const FLAG_HEADERS = 4
const FLAG_ERROR = 8
const TWO_32 = 2 ** 32

/** The range of an encoded entry in a memory whose bytes must not change any more. */
export interface EncodedEntry {
  readonly memory: Uint8Array
  readonly start: number
  readonly end: number
}

/** What an entry says of its message. */
export interface EntryMeta {
  readonly msgId: MsgId
  readonly re: MsgId | undefined
  /** The bytes of `encodeHeaders`; undefined for none. */
  readonly headers: Uint8Array | undefined
  /** Whether the body is the error of a handler. */
  readonly isError: boolean
}

/** Returns the bytes that the header needs in front of the body. */
export function headroom(re: MsgId | undefined, headers: Uint8Array | undefined): number {
  const fixed = re === undefined ? ENTRY_HEADER_BYTES : ENTRY_HEADER_WITH_RE_BYTES
  return headers === undefined ? fixed : fixed + headers.length
}

/**
 * Writes the header in front of a body.
 *
 * @param memory holds `headroom` free bytes from `start` on, then the body up to `end`
 */
export function writeEntryHeader(
  memory: Uint8Array,
  start: number,
  end: number,
  { msgId, re, headers, isError }: EntryMeta,
): void {
  const bodyBytes = end - start - headroom(re, headers)
  const partFlag = bodyBytes >= SEPARATE_PART_BYTES ? FLAG_SEPARATE_PART : 0
  const reFlag = re === undefined ? 0 : FLAG_RE
  const headersFlag = headers === undefined ? 0 : FLAG_HEADERS
  writeU32(memory, start, bodyBytes)
  memory[start + 4] = reFlag | partFlag | headersFlag | (isError ? FLAG_ERROR : 0)
  writeU32(memory, start + 5, Math.floor(msgId / TWO_32))
  writeU32(memory, start + 9, msgId % TWO_32)
  if (re !== undefined) {
    writeU32(memory, start + 13, Math.floor(re / TWO_32))
    writeU32(memory, start + 17, re % TWO_32)
  }
  if (headers !== undefined) memory.set(headers, start + headroom(re, undefined))
}

/** Returns the size of an encoded entry, header included. */
export function sizeOf({ start, end }: EncodedEntry): number {
  return end - start
}

/** Returns the offset of the body in the memory of an encoded entry. */
export function bodyStart({ memory, start }: EncodedEntry): number {
  const flags = memory[start + 4] as number
  const behindRe = start + fixedBytes(flags)
  return (flags & FLAG_HEADERS) === 0 ? behindRe : behindRe + headersBytes(memory, behindRe)
}

/** Returns the bytes of a header in front of its headers. */
function fixedBytes(flags: number): number {
  return (flags & FLAG_RE) === 0 ? ENTRY_HEADER_BYTES : ENTRY_HEADER_WITH_RE_BYTES
}

/** Returns the bytes of the headers at `at`, with their count. */
function headersBytes(memory: Uint8Array, at: number): number {
  return 2 + (((memory[at] as number) << 8) | (memory[at + 1] as number))
}

/** Returns the bits of `FEATURE` that a receiver of an encoded entry needs. */
export function neededFeatures({ memory, start }: EncodedEntry): number {
  const flags = memory[start + 4] as number
  if ((flags & (FLAG_HEADERS | FLAG_ERROR)) === 0) return 0
  const headers = (flags & FLAG_HEADERS) === 0 ? 0 : FEATURE.headers
  return headers | ((flags & FLAG_ERROR) === 0 ? 0 : FEATURE.errorReplies)
}

/** Returns whether an encoded entry has `re`. */
export function isReply({ memory, start }: EncodedEntry): boolean {
  return ((memory[start + 4] as number) & FLAG_RE) !== 0
}

/** Returns whether the body of an encoded entry becomes a separate part. */
export function hasSeparatePart({ memory, start }: EncodedEntry): boolean {
  return ((memory[start + 4] as number) & FLAG_SEPARATE_PART) !== 0
}

/** The range of a batch's entries in the parts of its frame. */
export interface EntryRange {
  readonly parts: readonly Uint8Array[]
  /** The entries are in the first part, from `offset` to `end`. */
  readonly offset: number
  readonly end: number
  /** Their separate bodies are the `separateParts` parts from `partIndex` on. */
  readonly partIndex: number
  readonly separateParts: number
}

/** Iterates over the entries of a batch. After `next`, the fields hold the current entry. */
export class EntryCursor {
  #head: Uint8Array
  #offset: number
  #limit: number
  #parts: readonly Uint8Array[]
  #partIndex: number
  #partsEnd: number
  msgId: MsgId = 0
  re: MsgId | undefined = undefined
  headers: EnvelopeHeaders | undefined = undefined
  /** Whether the body is the error of a handler. */
  isError = false
  /** The memory of the body, which is from `start` to `end`. */
  body: Uint8Array
  start = 0
  end = 0
  /** Whether the memory of the body is not shared, so that it can be kept without copying. */
  owned = false

  constructor({ parts, offset, end, partIndex, separateParts }: EntryRange) {
    this.#head = parts[0] as Uint8Array
    this.#offset = offset
    this.#limit = end
    this.#parts = parts
    this.#partIndex = partIndex
    this.#partsEnd = partIndex + separateParts
    this.body = this.#head
  }

  /** Returns a cursor on the same next entry, which moves independently. */
  clone(): EntryCursor {
    return new EntryCursor({
      parts: [this.#head, ...this.#parts.slice(this.#partIndex, this.#partsEnd)],
      offset: this.#offset,
      end: this.#limit,
      partIndex: 1,
      separateParts: this.#partsEnd - this.#partIndex,
    })
  }

  /** Copies the remaining entries out of borrowed memory, so that they outlive the callback. */
  copyBorrowed(): void {
    this.#head = Uint8Array.prototype.slice.call(this.#head, this.#offset, this.#limit)
    this.#limit = this.#head.length
    this.#offset = 0
    const rest = this.#parts.slice(this.#partIndex, this.#partsEnd)
    this.#parts = rest.map((part) => (isOwned(part) ? part : Uint8Array.from(part)))
    this.#partIndex = 0
    this.#partsEnd = rest.length
    this.body = this.#head
  }

  /** @throws MalformedFrame if the bytes are not an entry */
  next(): void {
    const head = this.#head
    const at = this.#offset
    if (at + ENTRY_HEADER_BYTES > this.#limit) throw new MalformedFrame('truncated entry')
    const length = readU32(head, at)
    const flags = head[at + 4] as number
    this.msgId = readU32(head, at + 5) * TWO_32 + readU32(head, at + 9)
    let start = at + ENTRY_HEADER_BYTES
    this.re = undefined
    if ((flags & FLAG_RE) !== 0) {
      if (at + ENTRY_HEADER_WITH_RE_BYTES > this.#limit) throw new MalformedFrame('truncated entry')
      this.re = readU32(head, start) * TWO_32 + readU32(head, start + 4)
      start = at + ENTRY_HEADER_WITH_RE_BYTES
    }
    this.isError = (flags & FLAG_ERROR) !== 0
    this.headers = undefined
    if ((flags & FLAG_HEADERS) !== 0) start = this.#readHeaders(start)
    if ((flags & FLAG_SEPARATE_PART) !== 0) this.#readSeparateBody(length, start)
    else this.#readInlineBody(length, start)
    if (!Number.isSafeInteger(this.msgId) || !Number.isSafeInteger(this.re ?? 0)) {
      throw new MalformedFrame('msgId or re over 2^53 - 1')
    }
  }

  /** @returns the offset behind them */
  #readHeaders(start: number): number {
    const head = this.#head
    if (start + 2 > this.#limit) throw new MalformedFrame('truncated headers')
    const end = start + headersBytes(head, start)
    if (end > this.#limit) throw new MalformedFrame('truncated headers')
    this.headers = decodeHeaders(head, start + 2, end)
    return end
  }

  #readInlineBody(length: number, start: number): void {
    if (start + length > this.#limit) throw new MalformedFrame('truncated body')
    this.body = this.#head
    this.start = start
    this.end = start + length
    this.owned = false
    this.#offset = this.end
  }

  #readSeparateBody(length: number, next: number): void {
    const part = this.#partIndex < this.#partsEnd ? this.#parts[this.#partIndex++] : undefined
    if (part?.length !== length)
      throw new MalformedFrame('separate body is missing or has another length')
    this.body = part
    this.start = 0
    this.end = length
    this.owned = isOwned(part)
    this.#offset = next
  }
}

/** The transport port gives up parts of this size; it only lends smaller ones. */
function isOwned(part: Uint8Array): boolean {
  return part.length >= SEPARATE_PART_BYTES
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** Reads the header that `writeEntryHeader` wrote. */
export function readEntryHeader(entry: EncodedEntry): {
  readonly msgId: MsgId
  readonly re?: MsgId
  readonly headers?: EnvelopeHeaders
} {
  const { memory, start } = entry
  const flags = memory[start + 4] as number
  const msgId = readU32(memory, start + 5) * TWO_32 + readU32(memory, start + 9)
  const re = (flags & FLAG_RE) === 0 ? undefined : readRe(memory, start)
  const headersAt = start + fixedBytes(flags)
  const headers =
    (flags & FLAG_HEADERS) === 0
      ? undefined
      : decodeHeaders(memory, headersAt + 2, headersAt + headersBytes(memory, headersAt))
  return {
    msgId,
    ...(re === undefined ? {} : { re }),
    ...(headers === undefined ? {} : { headers }),
  }
}

/** Returns whether the body of an encoded entry is the error of a handler. */
export function isErrorReply({ memory, start }: EncodedEntry): boolean {
  return ((memory[start + 4] as number) & FLAG_ERROR) !== 0
}

function readRe(memory: Uint8Array, start: number): MsgId {
  return readU32(memory, start + 13) * TWO_32 + readU32(memory, start + 17)
}
