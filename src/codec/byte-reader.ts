/** The bytes of one message, read from the front and never beyond their end. */
import { isUtf8 } from 'node:buffer'

/** Shorter strings are put together here; longer ones are worth a call into Node. */
const NATIVE_READ_LENGTH_MIN = 20
/** Bytes that are worth a call for memory that is not cleared. */
const UNCLEARED_BYTES_MIN = 4096
const EMPTY_BUFFER: Buffer = Buffer.alloc(0)

/**
 * Reads numbers, bytes and text off a range of bytes. Every method throws where they end too soon.
 */
export class ByteReader {
  /** Where the next byte is. */
  offset = 0
  /** Where the bytes end. */
  end = 0
  /** The memory in which they stand. */
  memory: Buffer = EMPTY_BUFFER

  #owned = false

  /** Begins to read; what is `owned` may be handed out as it is. */
  begin(bytes: Uint8Array, start: number, end: number, owned: boolean): void {
    this.#owned = owned
    const isBuffer = Buffer.isBuffer(bytes)
    this.memory = isBuffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.offset = start
    this.end = Math.min(end, bytes.length)
  }

  /** Lets the memory go: it is not kept alive by having been read. */
  release(): void {
    this.memory = EMPTY_BUFFER
  }

  /** Steps over so many bytes. @returns where they begin */
  skip(length: number): number {
    const start = this.offset
    if (length > this.end - start) throw new Error('the bytes end in the middle of the message')
    this.offset = start + length
    return start
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

  /** So many bytes, in memory of their own, or in what is owned if that is little more. */
  bytes(length: number): Uint8Array {
    const start = this.skip(length)
    const { memory } = this
    if (this.#owned && length * 2 >= memory.length) {
      return new Uint8Array(memory.buffer, memory.byteOffset + start, length)
    }
    // Large memory need not be filled with zeros first.
    const copy =
      length < UNCLEARED_BYTES_MIN
        ? new Uint8Array(length)
        : new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
    copy.set(memory.subarray(start, start + length))
    return copy
  }

  /** So many bytes of UTF-8. */
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
    // Node writes U+FFFD for what is no UTF-8; it may also just stand there.
    if (!text.includes('\ufffd') || isUtf8(this.memory.subarray(start, this.offset))) return text
    throw new Error('a string is not UTF-8')
  }
}
