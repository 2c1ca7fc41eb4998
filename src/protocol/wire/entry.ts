/**
 * Entries: one envelope each, encoded once, carried by every DATA frame that needs it.
 *
 *     body length u32 | flags u8 | msgId u64 | re u64, if flag 1 | body, unless flag 2
 *
 * Flag 2: the body stands in a part of its own, so that large ones are never copied into a batch.
 */
import type { MsgId } from '../../model/envelope.ts'
import { MalformedFrame, readU32 } from './bytes.ts'

/** The bytes of an entry before its body, without `re`. */
export const ENTRY_HEADER_BYTES = 13
/** The same, with `re`. */
export const ENTRY_HEADER_WITH_RE_BYTES = 21

/** A body of so many bytes travels in a part of its own. */
export const SEPARATE_PART_BYTES = 32 * 1024

const FLAG_RE = 1
const FLAG_SEPARATE_PART = 2
const TWO_32 = 2 ** 32

/** Encoded bytes: where they stand in memory that nobody writes to again. */
export interface EncodedEntry {
  readonly memory: Uint8Array
  readonly start: number
  readonly end: number
}

/** The headroom that an entry's header needs in front of its body. */
export function headroom(re: MsgId | undefined): number {
  return re === undefined ? ENTRY_HEADER_BYTES : ENTRY_HEADER_WITH_RE_BYTES
}

/**
 * Fills the header in front of a body.
 *
 * @param memory holds `headroom(re)` free bytes from `start` on, then the body up to `end`
 */
export function writeEntryHeader(
  memory: Uint8Array,
  start: number,
  end: number,
  msgId: MsgId,
  re: MsgId | undefined,
): void {
  const bodyBytes = end - start - headroom(re)
  const partFlag = bodyBytes >= SEPARATE_PART_BYTES ? FLAG_SEPARATE_PART : 0
  writeU32(memory, start, bodyBytes)
  memory[start + 4] = (re === undefined ? 0 : FLAG_RE) | partFlag
  writeU32(memory, start + 5, Math.floor(msgId / TWO_32))
  writeU32(memory, start + 9, msgId % TWO_32)
  if (re !== undefined) {
    writeU32(memory, start + 13, Math.floor(re / TWO_32))
    writeU32(memory, start + 17, re % TWO_32)
  }
}

/** The bytes of an encoded entry, header and body. */
export function sizeOf({ start, end }: EncodedEntry): number {
  return end - start
}

/** Where the body of an encoded entry begins. */
export function bodyStart({ memory, start }: EncodedEntry): number {
  const flags = memory[start + 4] as number
  return start + ((flags & FLAG_RE) === 0 ? ENTRY_HEADER_BYTES : ENTRY_HEADER_WITH_RE_BYTES)
}

/** Tells whether an encoded entry answers another. */
export function isReply({ memory, start }: EncodedEntry): boolean {
  return ((memory[start + 4] as number) & FLAG_RE) !== 0
}

/** Tells whether the body of an encoded entry travels in a part of its own. */
export function hasSeparatePart({ memory, start }: EncodedEntry): boolean {
  return ((memory[start + 4] as number) & FLAG_SEPARATE_PART) !== 0
}

/** Where the entries of a run stand in their frame. */
export interface EntryRange {
  readonly parts: readonly Uint8Array[]
  /** The entries stand in the first part, from here up to `end`. */
  readonly offset: number
  readonly end: number
  /** The part that holds the first body of its own, and how many parts are theirs. */
  readonly partIndex: number
  readonly separateParts: number
}

/**
 * Walks the entries of one run. After `next`, the fields tell of the entry that it stands on.
 */
export class EntryCursor {
  #head: Uint8Array
  #offset: number
  #limit: number
  #parts: readonly Uint8Array[]
  #partIndex: number
  #partsEnd: number
  msgId: MsgId = 0
  re: MsgId | undefined = undefined
  /** The bytes that hold the body, from `start` up to `end`. */
  body: Uint8Array
  start = 0
  end = 0
  /** Nobody else has the memory of the body: it need not be copied to be kept. */
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

  /**
   * Copies what is not yet walked and was only lent; the other runs of the frame are nobody's here.
   */
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

  /** @throws Unreadable where the bytes end before the entry does */
  next(): void {
    const head = this.#head
    const at = this.#offset
    if (at + ENTRY_HEADER_BYTES > this.#limit) throw new MalformedFrame('an entry is cut off')
    const length = readU32(head, at)
    const flags = head[at + 4] as number
    this.msgId = readU32(head, at + 5) * TWO_32 + readU32(head, at + 9)
    let start = at + ENTRY_HEADER_BYTES
    this.re = undefined
    if ((flags & FLAG_RE) !== 0) {
      if (at + ENTRY_HEADER_WITH_RE_BYTES > this.#limit)
        throw new MalformedFrame('an entry is cut off')
      this.re = readU32(head, start) * TWO_32 + readU32(head, start + 4)
      start = at + ENTRY_HEADER_WITH_RE_BYTES
    }
    if ((flags & FLAG_SEPARATE_PART) !== 0) this.#readSeparateBody(length, start)
    else this.#readInlineBody(length, start)
    if (!Number.isSafeInteger(this.msgId) || !Number.isSafeInteger(this.re ?? 0)) {
      throw new MalformedFrame('a msgId over 2^53')
    }
  }

  #readInlineBody(length: number, start: number): void {
    if (start + length > this.#limit) throw new MalformedFrame('a body is cut off')
    this.body = this.#head
    this.start = start
    this.end = start + length
    this.owned = false
    this.#offset = this.end
  }

  #readSeparateBody(length: number, next: number): void {
    const part = this.#partIndex < this.#partsEnd ? this.#parts[this.#partIndex++] : undefined
    if (part?.length !== length) throw new MalformedFrame('a body is not in its part')
    this.body = part
    this.start = 0
    this.end = length
    this.owned = isOwned(part)
    this.#offset = next
  }
}

/** Transports give away parts of this size; smaller ones may share what they were read into. */
function isOwned(part: Uint8Array): boolean {
  return part.length >= SEPARATE_PART_BYTES
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** Reads the header of an encoded entry, as it was written here. */
export function readEntryHeader(entry: EncodedEntry): {
  readonly msgId: MsgId
  readonly re?: MsgId
} {
  const { memory, start } = entry
  const msgId = readU32(memory, start + 5) * TWO_32 + readU32(memory, start + 9)
  if (bodyStart(entry) === start + ENTRY_HEADER_BYTES) return { msgId }
  return { msgId, re: readU32(memory, start + 13) * TWO_32 + readU32(memory, start + 17) }
}
