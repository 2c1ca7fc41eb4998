/** The bytes that messages are written into, one message behind the other. */
import type { EncodedMessage } from '../../ports/codec.ts'
import { SpareMemory } from './spare-memory.ts'

/**
 * Messages are written into pieces of memory of this size. One that waits for a peer that is away
 * keeps its whole piece alive, so they are small.
 */
const SLAB_BYTES = 16 * 1024
/** Shorter strings are written here; longer ones are worth a call into Node. */
const SHORT = 24
/** The longest header of a value. */
const HEADER_BYTES = 5

/** Node 20 has it, the library of ES2023 does not. */
interface WellFormed {
  isWellFormed(): boolean
}

/** Writes numbers, bytes and text; the memory grows as it must, and is never written to twice. */
export class ByteSink {
  #memory: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES)
  #view = viewOf(this.#memory)
  /** Where the present message begins, and where its next byte goes. */
  #start = 0
  #at = 0
  /** Where the small messages go on, while a large one is written elsewhere. */
  #slab: { readonly memory: Buffer; readonly at: number } | undefined
  readonly #spare = new SpareMemory()

  /** Begins a message behind so many free bytes. */
  begin(headroom: number): void {
    this.#start = this.#at
    this.#room(headroom)
    this.#at += headroom
  }

  /** Takes the present message back. */
  abandon(): void {
    this.#at = this.#start
    this.#backToSlab()
  }

  /** Takes back the memory of a large message. */
  reuse(memory: Uint8Array): void {
    this.#spare.give(memory)
  }

  /** Ends the present message. */
  done(): EncodedMessage {
    const memory = this.#memory
    const start = this.#start
    const end = this.#at
    if (memory.length <= SLAB_BYTES) return { memory, start, end }
    // A large message has memory of its own, and little more of it than it needs.
    this.#backToSlab()
    if (end - start > memory.length * 0.6) return { memory, start, end }
    return { memory: Buffer.from(memory.subarray(start, end)), start: 0, end: end - start }
  }

  /** A number, as short as it goes. */
  number(value: number): void {
    // The parts of a double that are small integers are most of what is sent.
    if (value >>> 0 === value && (value !== 0 || !Object.is(value, -0))) this.#unsigned(value)
    else if ((value | 0) === value && value < 0) this.#negative(value)
    else {
      this.#room(9)
      this.#memory[this.#at] = 0xcb
      this.#view.setFloat64(this.#at + 1, value)
      this.#at += 9
    }
  }

  #unsigned(value: number): void {
    this.#room(HEADER_BYTES)
    const memory = this.#memory
    const at = this.#at
    if (value < 0x80) {
      memory[at] = value
      this.#at = at + 1
    } else if (value < 0x100) {
      memory[at] = 0xcc
      memory[at + 1] = value
      this.#at = at + 2
    } else if (value < 0x1_0000) {
      memory[at] = 0xcd
      memory[at + 1] = value >>> 8
      memory[at + 2] = value
      this.#at = at + 3
    } else {
      memory[at] = 0xce
      this.#view.setUint32(at + 1, value)
      this.#at = at + 5
    }
  }

  #negative(value: number): void {
    this.#room(HEADER_BYTES)
    const memory = this.#memory
    const at = this.#at
    if (value >= -0x20) {
      memory[at] = value
      this.#at = at + 1
    } else if (value >= -0x80) {
      memory[at] = 0xd0
      memory[at + 1] = value
      this.#at = at + 2
    } else if (value >= -0x8000) {
      memory[at] = 0xd1
      this.#view.setInt16(at + 1, value)
      this.#at = at + 3
    } else {
      memory[at] = 0xd2
      this.#view.setInt32(at + 1, value)
      this.#at = at + 5
    }
  }

  /** Sixty-four bits. */
  int64(value: bigint): void {
    this.#room(8)
    this.#view.setBigUint64(this.#at, BigInt.asUintN(64, value))
    this.#at += 8
  }

  /** A string. @returns false where it holds a lone surrogate */
  text(text: string): boolean {
    const { length } = text
    if (length >= SHORT) {
      return this.#longText(text)
    }
    this.#room(SHORT + 1)
    const memory = this.#memory
    const start = this.#at
    let at = start + 1
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) {
        return this.#longText(text)
      }
      memory[at++] = code
    }
    memory[start] = 0xa0 | length
    this.#at = at
    return true
  }

  #longText(text: string): boolean {
    if (!(text as unknown as WellFormed).isWellFormed()) return false
    const bytes = Buffer.byteLength(text)
    this.#room(HEADER_BYTES + bytes)
    if (bytes < 0x20) this.byte(0xa0 | bytes)
    else if (bytes < 0x100) {
      this.byte(0xd9)
      this.byte(bytes)
    } else this.sized(bytes, 0xda)
    this.#memory.write(text, this.#at, 'utf8')
    this.#at += bytes
    return true
  }

  /** How many follow: in the first byte up to `few`, or behind the byte `long`, or the next one. */
  header(count: number, short: number, few: number, long: number): void {
    if (count <= few) this.byte(short | count)
    else this.sized(count, long)
  }

  /** Two bytes of size behind the byte `type`, or four behind the next one. */
  sized(size: number, type: number): void {
    this.#room(HEADER_BYTES)
    const at = this.#at
    if (size < 0x1_0000) {
      this.#memory[at] = type
      this.#view.setUint16(at + 1, size)
      this.#at = at + 3
    } else {
      this.#memory[at] = type + 1
      this.#view.setUint32(at + 1, size)
      this.#at = at + 5
    }
  }

  /** So many bytes as they are, which is all of them. */
  bytes(bytes: Uint8Array, length: number): void {
    this.#room(length)
    this.#memory.set(bytes, this.#at)
    this.#at += length
  }

  /** One byte. */
  byte(byte: number): void {
    this.#room(1)
    this.#memory[this.#at++] = byte
  }

  #room(bytes: number): void {
    if (this.#at + bytes > this.#memory.length) this.#grow(bytes)
  }

  /** Goes on in new memory: what is behind the present message stays as it is. */
  #grow(bytes: number): void {
    const old = this.#memory
    const start = this.#start
    const used = this.#at - start
    // One large value gets what it needs; many small ones get twice as much each time.
    const size = used + bytes <= SLAB_BYTES / 2 ? SLAB_BYTES : used + bytes + used
    if (size > SLAB_BYTES && old.length <= SLAB_BYTES) this.#slab = { memory: old, at: start }
    this.#use(size > SLAB_BYTES ? this.#spare.take(size) : Buffer.allocUnsafeSlow(SLAB_BYTES))
    this.#memory.set(old.subarray(start, start + used))
    this.#start = 0
    this.#at = used
  }

  #backToSlab(): void {
    if (this.#slab === undefined) return
    const { memory, at } = this.#slab
    this.#slab = undefined
    this.#use(memory)
    this.#start = at
    this.#at = at
  }

  #use(memory: Buffer): void {
    this.#memory = memory
    this.#view = viewOf(memory)
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
