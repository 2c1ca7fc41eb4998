/** Decodes MessagePack from untrusted peers. */
import { EXT_BIGINT, EXT_INVALID_DATE, EXT_TIMESTAMP, EXT_UNDEFINED } from './extensions.ts'
import { DEPTH_MAX } from './limits.ts'
import { type CachedKey, KeyCache } from './key-cache.ts'
import { MessageReader } from './message-reader.ts'
import { NotDecodableError } from '../ports/codec.ts'
import { createDictionary } from './dictionary.ts'

/** The range of `Date`, before and after 1970. */
const DATE_MS_MAX = 8.64e15

/**
 * New keys of one message until its further maps are dictionaries. V8 makes a hidden class for each
 * new key of an ordinary object, which takes three times as long. Records, however many, repeat
 * the keys of the first.
 */
const NEW_NAMES_MAX = 4096
const DIGIT_9 = 0x39

/**
 * Decodes messages strictly: every encoding outside the list of types is an error.
 *
 * Keys and values are counted before memory is allocated for them. Memory grows with the bytes that
 * are present, never with a length in a header. The result shares no memory with the input, unless
 * the input is `owned`. Of a repeated key the last one counts.
 */
export class MessageDecoder {
  readonly #reader = new MessageReader()
  readonly #keys = new KeyCache()
  readonly #maxValues: number
  /** The keys and values that the message has by its headers so far. */
  #values = 0
  /** The keys of the message that the cache lacked, except those that begin with a digit. */
  #newNames = 0

  /** @param maxValues the largest number of keys and values of a message */
  constructor(maxValues: number) {
    this.#maxValues = maxValues
  }

  /**
   * Decodes the message that fills `bytes` from `start` up to `end`.
   *
   * @param owned a `Uint8Array` that is most of the bytes may be a view of them
   * @throws NotDecodableError and nothing else, where the bytes are no message
   */
  decode(bytes: Uint8Array, start: number, end: number, owned: boolean): unknown {
    const reader = this.#reader
    reader.begin(bytes, start, end, owned)
    this.#values = 1
    this.#newNames = 0
    try {
      const msg = this.#value(0)
      if (reader.offset !== end)
        throw new NotDecodableError(`${end - reader.offset} more bytes follow the message`)
      return msg
    } catch (error) {
      if (error instanceof NotDecodableError) throw error
      // V8 has no such large string or no memory, or the stack is used up.
      throw new NotDecodableError(`the message cannot be held (${String(error)})`)
    } finally {
      reader.release()
    }
  }

  #value(depth: number): unknown {
    const reader = this.#reader
    const byte = reader.uint8()
    if (byte < 0x80) return byte
    if (byte < 0x90) return this.#map(byte & 0x0f, depth)
    if (byte < 0xa0) return this.#array(byte & 0x0f, depth)
    if (byte < 0xc0) return reader.text(byte & 0x1f)
    if (byte >= 0xe0) return byte - 0x100
    switch (byte) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return reader.bytes(reader.uint8())
      case 0xc5:
        return reader.bytes(reader.uint16())
      case 0xc6:
        return reader.bytes(reader.uint32())
      case 0xc7:
        return this.#extension(reader.uint8())
      case 0xc8:
        return this.#extension(reader.uint16())
      case 0xc9:
        return this.#extension(reader.uint32())
      case 0xca:
        return reader.float32()
      case 0xcb:
        return reader.float64()
      case 0xcc:
        return reader.uint8()
      case 0xcd:
        return reader.uint16()
      case 0xce:
        return reader.uint32()
      case 0xcf:
        return toNumberIfSafe(reader.uint64())
      case 0xd0:
        return (reader.uint8() << 24) >> 24
      case 0xd1:
        return (reader.uint16() << 16) >> 16
      case 0xd2:
        return reader.uint32() | 0
      case 0xd3:
        return toNumberIfSafe(reader.int64())
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (byte - 0xd4))
      case 0xd9:
        return reader.text(reader.uint8())
      case 0xda:
        return reader.text(reader.uint16())
      case 0xdb:
        return reader.text(reader.uint32())
      case 0xdc:
        return this.#array(reader.uint16(), depth)
      case 0xdd:
        return this.#array(reader.uint32(), depth)
      case 0xde:
        return this.#map(reader.uint16(), depth)
      case 0xdf:
        return this.#map(reader.uint32(), depth)
      default:
        throw new NotDecodableError('the byte 0xc1 begins no value')
    }
  }

  #array(length: number, depth: number): unknown[] {
    this.#enter(depth, length)
    // Not preallocated: V8 would keep it as an array with holes.
    const array: unknown[] = []
    for (let index = 0; index < length; index++) array.push(this.#value(depth + 1))
    return array
  }

  #map(size: number, depth: number): Record<string, unknown> {
    this.#enter(depth, size * 2)
    const map: Record<string, unknown> = this.#newNames > NEW_NAMES_MAX ? createDictionary() : {}
    for (let index = 0; index < size; index++) {
      const { key, isInherited } = this.#key()
      const value = this.#value(depth + 1)
      if (isInherited) defineOwn(map, key, value)
      else map[key] = value
    }
    return map
  }

  /** Counts the keys and values of an array or a map, before they are read. */
  #enter(depth: number, values: number): void {
    if (depth >= DEPTH_MAX) {
      throw new NotDecodableError(`more than ${DEPTH_MAX} levels of arrays and maps`)
    }
    // Each takes one byte at least.
    this.#reader.expect(values)
    this.#values += values
    if (this.#values <= this.#maxValues) return
    const detail = `more than ${this.#maxValues} keys and values (maxMessageValues)`
    throw new NotDecodableError(detail, 'too-complex')
  }

  #key(): CachedKey {
    const reader = this.#reader
    const byte = reader.uint8()
    const length = byte >= 0xa0 && byte < 0xc0 ? byte & 0x1f : this.#longKeyBytes(byte)
    const start = reader.skip(length)
    const cached = this.#keys.get(reader.memory, start, reader.offset)
    if (cached !== undefined) return cached
    reader.offset = start
    const key = reader.text(length)
    // `Object.assign` in a receiver would set the prototype.
    if (key === '__proto__') throw new NotDecodableError('a map has the key __proto__')
    // Keys of digits make no hidden classes.
    if (!(key.charCodeAt(0) <= DIGIT_9)) this.#newNames++
    return this.#keys.add(reader.memory, start, reader.offset, key)
  }

  #longKeyBytes(byte: number): number {
    if (byte === 0xd9) return this.#reader.uint8()
    if (byte === 0xda) return this.#reader.uint16()
    if (byte === 0xdb) return this.#reader.uint32()
    throw new NotDecodableError('the key of a map is not a string')
  }

  #extension(length: number): undefined | bigint | Date {
    const reader = this.#reader
    const type = (reader.uint8() << 24) >> 24
    if (type === EXT_TIMESTAMP) return this.#timestamp(length)
    if (type === EXT_BIGINT && length === 8) return reader.int64()
    if (type === EXT_UNDEFINED && length === 1 && reader.uint8() === 0) return undefined
    if (type === EXT_INVALID_DATE && length === 1 && reader.uint8() === 0) return new Date(NaN)
    throw new NotDecodableError(`unknown extension of type ${type} and ${length} bytes`)
  }

  #timestamp(length: number): Date {
    const reader = this.#reader
    let nanoseconds = 0
    let seconds = 0
    if (length === 4) seconds = reader.uint32()
    else if (length === 8) {
      // 30 bits of nanoseconds, 34 of seconds.
      const high = reader.uint32()
      nanoseconds = high >>> 2
      seconds = (high & 3) * 2 ** 32 + reader.uint32()
    } else if (length === 12) {
      nanoseconds = reader.uint32()
      seconds = Number(reader.int64())
    } else throw new NotDecodableError(`a timestamp has 4, 8 or 12 bytes, not ${length}`)
    const ms = seconds * 1000 + Math.floor(nanoseconds / 1_000_000)
    if (nanoseconds > 999_999_999 || Math.abs(ms) > DATE_MS_MAX) {
      throw new NotDecodableError('a timestamp is out of range')
    }
    return new Date(ms)
  }
}

/** Like an assignment, which fails if the prototype is frozen, and calls a setter that it has. */
function defineOwn(map: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
}

function toNumberIfSafe(integer: bigint): number | bigint {
  const isSafe = integer >= Number.MIN_SAFE_INTEGER && integer <= Number.MAX_SAFE_INTEGER
  return isSafe ? Number(integer) : integer
}
