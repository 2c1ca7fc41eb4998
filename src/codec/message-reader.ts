/** Reads the bytes of one message, never beyond their end. */
import { isUtf8 } from 'node:buffer'
import { NotDecodableError } from '../ports/codec.ts'

/** From this length on, a call into Node.js is faster than a loop: V8 does not flatten it. */
const NATIVE_READ_LENGTH_MIN = 12
/** Up to this length, V8 keeps the bytes of an array in its own heap. */
const HEAP_BYTES_MAX = 64
/** From this length on, avoiding zero-filled memory is worth a call. */
const UNCLEARED_BYTES_MIN = 4096
const EMPTY_BUFFER: Buffer = Buffer.alloc(0)

/** Reads numbers, bytes and texts in order. Every method throws at the end of the bytes. */
export class MessageReader {
  /** The index of the next byte. */
  offset = 0
  end = 0
  memory: Buffer = EMPTY_BUFFER

  #owned = false

  /** Begins a message. `bytes` may return views of `owned` memory. */
  begin(bytes: Uint8Array, start: number, end: number, owned: boolean): void {
    this.#owned = owned
    const isBuffer = Buffer.isBuffer(bytes)
    this.memory = isBuffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.offset = start
    this.end = Math.min(end, bytes.length)
  }

  /** Drops the reference to the memory, so that it can be garbage-collected. */
  release(): void {
    this.memory = EMPTY_BUFFER
  }

  /** Skips `length` bytes. @returns the index of the first */
  skip(length: number): number {
    const start = this.offset
    if (length > this.end - start) throw endsEarly()
    this.offset = start + length
    return start
  }

  /** Throws unless as many bytes follow. */
  expect(bytes: number): void {
    if (bytes > this.end - this.offset) throw endsEarly()
  }

  uint8(): number {
    return this.memory[this.skip(1)] as number
  }

  uint16(): number {
    return this.memory.readUInt16BE(this.skip(2))
  }

  uint32(): number {
    return this.memory.readUInt32BE(this.skip(4))
  }

  int64(): bigint {
    return this.memory.readBigInt64BE(this.skip(8))
  }

  uint64(): bigint {
    return this.memory.readBigUInt64BE(this.skip(8))
  }

  float32(): number {
    return this.memory.readFloatBE(this.skip(4))
  }

  float64(): number {
    return this.memory.readDoubleBE(this.skip(8))
  }

  /** Copies `length` bytes, or returns a view if they are at least half of owned memory. */
  bytes(length: number): Uint8Array {
    const start = this.skip(length)
    const { memory } = this
    if (this.#owned && length * 2 >= memory.length) {
      return new Uint8Array(memory.buffer, memory.byteOffset + start, length)
    }
    if (length <= HEAP_BYTES_MAX) return this.#copyFew(start, length)
    const copy =
      length < UNCLEARED_BYTES_MIN
        ? new Uint8Array(length)
        : new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
    copy.set(memory.subarray(start, start + length))
    return copy
  }

  /** Avoids a view of the bytes, which would take longer to create than to copy them. */
  #copyFew(start: number, length: number): Uint8Array {
    const copy = new Uint8Array(length)
    for (let index = 0; index < length; index++) copy[index] = this.memory[start + index] as number
    return copy
  }

  /** Decodes `length` bytes of UTF-8. */
  text(length: number): string {
    const start = this.skip(length)
    if (length >= NATIVE_READ_LENGTH_MIN) return this.#decode(start)
    let text = ''
    for (let index = start; index < this.offset; index++) {
      const byte = this.memory[index] as number
      if (byte > 0x7f) return this.#decode(start)
      text += String.fromCharCode(byte)
    }
    return text
  }

  #decode(start: number): string {
    const text = this.memory.toString('utf8', start, this.offset)
    // Node.js decodes invalid UTF-8 to U+FFFD, which a valid text may contain, too.
    if (!text.includes('\ufffd') || isUtf8(this.memory.subarray(start, this.offset))) return text
    throw new NotDecodableError('a string is not UTF-8')
  }
}

function endsEarly(): NotDecodableError {
  return new NotDecodableError('the bytes end in the middle of the message')
}
