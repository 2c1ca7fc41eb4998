/** A writer and a reader of control frames; numbers are big-endian. */
import type { Incarnation } from '../../model/envelope.ts'
import { decodeText, encodeText, formatId, parseId } from './value-cache.ts'

const TWO_32 = 2 ** 32

/** Thrown when bytes are not a frame of the protocol; the receiver drops the frame. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame'
}

/** The frame that is being written; `finish` copies it. */
let scratch = new Uint8Array(4096)

/** Small frames share slabs: an ArrayBuffer of its own is larger than a small frame. */
const SLAB_BYTES = 8 * 1024
let slab = new ArrayBuffer(SLAB_BYTES)
let slabUsed = 0

/** Writes one control frame at a time: all writers share one scratch memory. */
export class FrameWriter {
  #length = 0

  u8(value: number): this {
    this.#reserve(1)
    scratch[this.#length++] = value
    return this
  }

  u16(value: number): this {
    this.#reserve(2)
    scratch[this.#length++] = value >>> 8
    scratch[this.#length++] = value
    return this
  }

  u32(value: number): this {
    this.#reserve(4)
    scratch[this.#length++] = value >>> 24
    scratch[this.#length++] = value >>> 16
    scratch[this.#length++] = value >>> 8
    scratch[this.#length++] = value
    return this
  }

  /** Writes an integer from 0 to 2⁵³ − 1 in eight bytes. */
  u64(value: number): this {
    return this.u32(Math.floor(value / TWO_32)).u32(value % TWO_32)
  }

  /** Writes the byte count as u16, then UTF-8. */
  text(value: string): this {
    const bytes = encodeText(value)
    this.u16(bytes.length)
    this.#reserve(bytes.length)
    scratch.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** Writes 16 hex digits in eight bytes. */
  id(value: string): this {
    const { high, low } = parseId(value)
    return this.u32(high).u32(low)
  }

  /** Writes bytes whose number the reader knows. */
  bytes(value: Uint8Array): this {
    this.#reserve(value.length)
    scratch.set(value, this.#length)
    this.#length += value.length
    return this
  }

  finish(): Uint8Array {
    const length = this.#length
    if (length > SLAB_BYTES / 8) return scratch.slice(0, length)
    if (slabUsed + length > SLAB_BYTES) {
      slab = new ArrayBuffer(SLAB_BYTES)
      slabUsed = 0
    }
    const frame = new Uint8Array(slab, slabUsed, length)
    slabUsed += length
    for (let at = 0; at < length; at++) frame[at] = scratch[at] as number
    return frame
  }

  #reserve(count: number): void {
    if (this.#length + count <= scratch.length) return
    const larger = new Uint8Array(Math.max(scratch.length * 2, this.#length + count))
    larger.set(scratch)
    scratch = larger
  }
}

/** Reads a frame from its start; every method throws `MalformedFrame` at its end. */
export class FrameReader {
  // No DataView: creating one costs more than reading a small frame.
  readonly #bytes: Uint8Array
  offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get remaining(): number {
    return this.#bytes.length - this.offset
  }

  u8(): number {
    return this.#bytes[this.#advance(1)] as number
  }

  u16(): number {
    const at = this.#advance(2)
    return ((this.#bytes[at] as number) << 8) | (this.#bytes[at + 1] as number)
  }

  u32(): number {
    return readU32(this.#bytes, this.#advance(4))
  }

  u64(): number {
    const value = this.u32() * TWO_32 + this.u32()
    if (!Number.isSafeInteger(value))
      throw new MalformedFrame(`number over 2^53 - 1 at byte ${this.offset - 8}`)
    return value
  }

  text(): string {
    const length = this.u16()
    const start = this.#advance(length)
    try {
      return decodeText(this.#bytes, start, length)
    } catch {
      throw new MalformedFrame(`text at byte ${start} is not UTF-8`)
    }
  }

  id(): Incarnation {
    return formatId(this.u32(), this.u32()) as Incarnation
  }

  /** Copies the next bytes. */
  bytes(count: number): Uint8Array {
    const start = this.#advance(count)
    return Uint8Array.prototype.slice.call(this.#bytes, start, start + count)
  }

  /** Skips `length` bytes. @returns the offset behind them */
  skip(length: number): number {
    this.#advance(length)
    return this.offset
  }

  /** Throws if bytes are left over. */
  expectEnd(): void {
    if (this.remaining > 0)
      throw new MalformedFrame(`${this.remaining} bytes behind the end of the frame`)
  }

  #advance(count: number): number {
    if (this.remaining < count)
      throw new MalformedFrame(`truncated frame of ${this.#bytes.length} bytes`)
    const start = this.offset
    this.offset += count
    return start
  }
}

/** Reads four bytes without a bounds check. */
export function readU32(bytes: Uint8Array, at: number): number {
  const low =
    ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
  return (bytes[at] as number) * 2 ** 24 + low
}
