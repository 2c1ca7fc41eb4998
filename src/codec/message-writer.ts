/** Writes the bytes of MessagePack values; small messages follow each other in shared memory. */
import type { EncodedMessage } from '../ports/codec.ts'
import { BufferPool } from './buffer-pool.ts'

/**
 * The size of the memory that small messages share. A message that waits for an unreachable peer
 * keeps its whole slab alive, so slabs are small.
 */
const SLAB_BYTES = 16 * 1024
/** From this length on, a call into Node.js is faster than a loop. */
const NATIVE_WRITE_LENGTH_MIN = 24
/** The longest header of a value. */
const HEADER_BYTES_MAX = 5

/** Writes one message at a time. Bytes of a finished message are never written again. */
export class MessageWriter {
  #memory: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES)
  #view = viewOf(this.#memory)
  /** The start of the current message, and its next byte. */
  #start = 0
  #offset = 0
  /** The slab to return to after a large message, which has memory of its own. */
  #slab: { readonly memory: Buffer; readonly offset: number } | undefined
  readonly #pool = new BufferPool()

  /** Begins a message behind `headroom` free bytes. */
  begin(headroom: number): void {
    this.#start = this.#offset
    this.#ensureCapacity(headroom)
    this.#offset += headroom
  }

  /** Discards the current message. */
  abandon(): void {
    this.#offset = this.#start
    this.#returnToSlab()
  }

  /** Takes back the memory of a large message. */
  recycle(memory: Uint8Array): void {
    this.#pool.release(memory)
  }

  /** Ends the current message. @param values its keys and values, for the result */
  finish(values: number): EncodedMessage {
    const memory = this.#memory
    const start = this.#start
    const end = this.#offset
    if (memory.length <= SLAB_BYTES) return { memory, start, end, values }
    // A large message has memory of its own: copied, if most of that would be unused.
    this.#returnToSlab()
    if (end - start > memory.length * 0.6) return { memory, start, end, values }
    // Not Buffer.from: since Node 24 it takes up to 32 KiB from a pool of 64 KiB.
    const copy = Buffer.allocUnsafeSlow(end - start)
    copy.set(memory.subarray(start, end))
    return { memory: copy, start: 0, end: copy.length, values }
  }

  /** Writes a number in its shortest encoding; an integer beyond 32 bits is a double. */
  number(value: number): void {
    // Small integers first: they are the most frequent numbers.
    if (value >>> 0 === value && (value !== 0 || !Object.is(value, -0))) this.#unsigned(value)
    else if ((value | 0) === value && value < 0) this.#negative(value)
    else {
      this.#ensureCapacity(9)
      this.#memory[this.#offset] = 0xcb
      this.#view.setFloat64(this.#offset + 1, value)
      this.#offset += 9
    }
  }

  #unsigned(value: number): void {
    this.#ensureCapacity(HEADER_BYTES_MAX)
    const memory = this.#memory
    const offset = this.#offset
    if (value < 0x80) {
      memory[offset] = value
      this.#offset = offset + 1
    } else if (value < 0x100) {
      memory[offset] = 0xcc
      memory[offset + 1] = value
      this.#offset = offset + 2
    } else if (value < 0x1_0000) {
      memory[offset] = 0xcd
      memory[offset + 1] = value >>> 8
      memory[offset + 2] = value
      this.#offset = offset + 3
    } else {
      memory[offset] = 0xce
      this.#view.setUint32(offset + 1, value)
      this.#offset = offset + 5
    }
  }

  #negative(value: number): void {
    this.#ensureCapacity(HEADER_BYTES_MAX)
    const memory = this.#memory
    const offset = this.#offset
    if (value >= -0x20) {
      memory[offset] = value
      this.#offset = offset + 1
    } else if (value >= -0x80) {
      memory[offset] = 0xd0
      memory[offset + 1] = value
      this.#offset = offset + 2
    } else if (value >= -0x8000) {
      memory[offset] = 0xd1
      this.#view.setInt16(offset + 1, value)
      this.#offset = offset + 3
    } else {
      memory[offset] = 0xd2
      this.#view.setInt32(offset + 1, value)
      this.#offset = offset + 5
    }
  }

  /** Writes 64 bits, signed or not. */
  int64(value: bigint): void {
    this.#ensureCapacity(8)
    this.#view.setBigUint64(this.#offset, BigInt.asUintN(64, value))
    this.#offset += 8
  }

  /** Writes a string. @returns false if it has a lone surrogate */
  text(text: string): boolean {
    const { length } = text
    if (length >= NATIVE_WRITE_LENGTH_MIN) {
      return this.#longText(text)
    }
    this.#ensureCapacity(NATIVE_WRITE_LENGTH_MIN + 1)
    const memory = this.#memory
    const start = this.#offset
    let offset = start + 1
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) {
        return this.#longText(text)
      }
      memory[offset++] = code
    }
    memory[start] = 0xa0 | length
    this.#offset = offset
    return true
  }

  #longText(text: string): boolean {
    if (!text.isWellFormed()) return false
    const bytes = Buffer.byteLength(text)
    this.#ensureCapacity(HEADER_BYTES_MAX + bytes)
    if (bytes < 0x20) this.byte(0xa0 | bytes)
    else if (bytes < 0x100) {
      this.byte(0xd9)
      this.byte(bytes)
    } else this.sizedHeader(bytes, 0xda)
    this.#memory.write(text, this.#offset, 'utf8')
    this.#offset += bytes
    return true
  }

  /** Writes a count: in the first byte up to `fixCountMax`, else as `sizedHeader`. */
  header(count: number, fixType: number, fixCountMax: number, type16: number): void {
    if (count <= fixCountMax) this.byte(fixType | count)
    else this.sizedHeader(count, type16)
  }

  /** Writes the byte `type16` and a size of two bytes, or the byte after it and four bytes. */
  sizedHeader(size: number, type16: number): void {
    this.#ensureCapacity(HEADER_BYTES_MAX)
    const offset = this.#offset
    if (size < 0x1_0000) {
      this.#memory[offset] = type16
      this.#view.setUint16(offset + 1, size)
      this.#offset = offset + 3
    } else {
      this.#memory[offset] = type16 + 1
      this.#view.setUint32(offset + 1, size)
      this.#offset = offset + 5
    }
  }

  /** Writes bytes as they are. @param length all of them, as the caller has verified */
  bytes(bytes: Uint8Array, length: number): void {
    this.#ensureCapacity(length)
    this.#memory.set(bytes, this.#offset)
    this.#offset += length
  }

  byte(byte: number): void {
    this.#ensureCapacity(1)
    this.#memory[this.#offset++] = byte
  }

  #ensureCapacity(bytes: number): void {
    if (this.#offset + bytes > this.#memory.length) this.#grow(bytes)
  }

  /** Moves the current message to new memory. Finished messages stay where they are. */
  #grow(bytes: number): void {
    const old = this.#memory
    const start = this.#start
    const used = this.#offset - start
    // The size doubles with many small values; a single large one gets what it needs.
    const size = used + bytes <= SLAB_BYTES / 2 ? SLAB_BYTES : used + bytes + used
    if (size > SLAB_BYTES && old.length <= SLAB_BYTES) this.#slab = { memory: old, offset: start }
    this.#setMemory(
      size > SLAB_BYTES ? this.#pool.acquire(size) : Buffer.allocUnsafeSlow(SLAB_BYTES),
    )
    this.#memory.set(old.subarray(start, start + used))
    this.#start = 0
    this.#offset = used
  }

  #returnToSlab(): void {
    if (this.#slab === undefined) return
    const { memory, offset } = this.#slab
    this.#slab = undefined
    this.#setMemory(memory)
    this.#start = offset
    this.#offset = offset
  }

  #setMemory(memory: Buffer): void {
    this.#memory = memory
    this.#view = viewOf(memory)
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
