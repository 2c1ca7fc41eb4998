/**
 * Bytes: a writer that grows and a reader that never reads past the end. Everything is big-endian.
 */

const TWO_32 = 2 ** 32
const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
const HEX = /^[0-9a-f]{16}$/

/** Sixteen hex digits, and what they stand for. */
interface Hex {
  readonly text: string
  readonly high: number
  readonly low: number
}

/**
 * The same few incarnations stand in the frames of hundreds of links. Strangers can fill these with
 * theirs; they just forget.
 */
const HEX_KNOWN_MAX = 4096
const hexNumbers = new Map<string, Hex>()
const hexTexts: (Hex | undefined)[] = Array.from({ length: HEX_KNOWN_MAX }, () => undefined)

function slotOf(high: number, low: number): number {
  return (high ^ low) & (HEX_KNOWN_MAX - 1)
}

function parseHex(text: string): Hex {
  if (!HEX.test(text)) throw new RangeError(`not 16 hex digits: ${text}`)
  const high = Number.parseInt(text.slice(0, 8), 16)
  const low = Number.parseInt(text.slice(8), 16)
  if (hexNumbers.size >= HEX_KNOWN_MAX) hexNumbers.clear()
  const hex = { text, high, low }
  hexNumbers.set(text, hex)
  return hex
}

function showHex(high: number, low: number): string {
  const text = high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
  hexTexts[slotOf(high, low)] = { text, high, low }
  return text
}

/** A frame that cannot be read. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** Writes the control frames: small, rare, and of any length. */
export class Writer {
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  u8(value: number): this {
    this.#room(1)
    this.#view.setUint8(this.#length, value)
    this.#length += 1
    return this
  }

  u16(value: number): this {
    this.#room(2)
    this.#view.setUint16(this.#length, value)
    this.#length += 2
    return this
  }

  u32(value: number): this {
    this.#room(4)
    this.#view.setUint32(this.#length, value)
    this.#length += 4
    return this
  }

  /** An integer from 0 to 2⁵³ − 1 in eight bytes. */
  u64(value: number): this {
    return this.u32(Math.floor(value / TWO_32)).u32(value % TWO_32)
  }

  /** A u16 of bytes, then so many bytes of UTF-8. */
  text(value: string): this {
    const bytes = utf8.encode(value)
    this.u16(bytes.length)
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** Sixteen hex digits in eight bytes. */
  hex(value: string): this {
    const { high, low } = hexNumbers.get(value) ?? parseHex(value)
    return this.u32(high).u32(low)
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** Reads a frame from its start; whatever it cannot read is `Unreadable`. */
export class Reader {
  readonly #view: DataView
  readonly #bytes: Uint8Array
  offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#bytes.length - this.offset
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  u64(): number {
    const value = this.u32() * TWO_32 + this.u32()
    if (!Number.isSafeInteger(value))
      throw new Unreadable(`a number over 2^53 at byte ${this.offset - 8}`)
    return value
  }

  text(): string {
    const length = this.u16()
    const start = this.#take(length)
    try {
      return strictUtf8.decode(this.#bytes.subarray(start, start + length))
    } catch {
      throw new Unreadable(`text that is not UTF-8 at byte ${start}`)
    }
  }

  hex(): string {
    const high = this.u32()
    const low = this.u32()
    const known = hexTexts[slotOf(high, low)]
    return known?.high === high && known.low === low ? known.text : showHex(high, low)
  }

  /** Steps over so many bytes. @returns where they end */
  skip(length: number): number {
    this.#take(length)
    return this.offset
  }

  /** Frames end where their layout ends. */
  end(): void {
    if (this.left > 0) throw new Unreadable(`${this.left} bytes too many`)
  }

  #take(count: number): number {
    if (this.left < count) throw new Unreadable(`cut off after ${this.#bytes.length} bytes`)
    const start = this.offset
    this.offset += count
    return start
  }
}
