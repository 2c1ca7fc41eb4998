/** Reads one message of MessagePack, which may come from anybody. */
import { EXT_BIGINT, EXT_INVALID_DATE, EXT_TIMESTAMP, EXT_UNDEFINED } from './extensions.ts'
import { MAX_CONTAINERS, MAX_DEPTH } from './bounds.ts'
import { KeyCache } from './key-cache.ts'
import { timestampOf } from './timestamp.ts'
import { isUtf8 } from 'node:buffer'

/** Shorter strings are put together here; longer ones are worth a call into Node. */
const SHORT = 24
const NOTHING = Buffer.alloc(0)
const TWO_32 = 2 ** 32

/**
 * Reads messages strictly: what `encode` would not write, or would write with other types, is an error.
 *
 * Memory follows what is there, never what a header promises. Nothing that it returns shares memory with
 * what it read.
 */
export class MessageReader {
  readonly #keys = new KeyCache()
  readonly #double = new Float64Array(1)
  readonly #single = new Float32Array(1)
  readonly #doubleBytes = new Uint8Array(this.#double.buffer)
  readonly #singleBytes = new Uint8Array(this.#single.buffer)
  #source = NOTHING
  #at = 0
  #end = 0
  #containers = 0

  /**
   * Reads the message that fills `bytes` from `start` up to `end`.
   *
   * @throws Error with a readable message where it is none
   */
  read(bytes: Uint8Array, start: number, end: number): unknown {
    this.#source = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = start
    this.#end = Math.min(end, bytes.length)
    this.#containers = 0
    try {
      const msg = this.#value(0)
      if (this.#at !== end) throw new Error(`${end - this.#at} bytes follow the message`)
      return msg
    } finally {
      // What was read is not kept alive by having been read.
      this.#source = NOTHING
    }
  }

  #value(depth: number): unknown {
    const byte = this.#byte()
    if (byte < 0x80) return byte
    if (byte < 0x90) return this.#map(byte & 0x0f, depth)
    if (byte < 0xa0) return this.#array(byte & 0x0f, depth)
    if (byte < 0xc0) return this.#string(byte & 0x1f)
    if (byte >= 0xe0) return byte - 0x100
    switch (byte) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return this.#bytes(this.#byte())
      case 0xc5:
        return this.#bytes(this.#uint16())
      case 0xc6:
        return this.#bytes(this.#uint32())
      case 0xc7:
        return this.#extension(this.#byte())
      case 0xc8:
        return this.#extension(this.#uint16())
      case 0xc9:
        return this.#extension(this.#uint32())
      case 0xca:
        return this.#float32()
      case 0xcb:
        return this.#float64()
      case 0xcc:
        return this.#byte()
      case 0xcd:
        return this.#uint16()
      case 0xce:
        return this.#uint32()
      case 0xcf:
        return this.#uint64()
      case 0xd0:
        return (this.#byte() << 24) >> 24
      case 0xd1:
        return (this.#uint16() << 16) >> 16
      case 0xd2:
        return this.#uint32() | 0
      case 0xd3:
        return this.#int64()
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (byte - 0xd4))
      case 0xd9:
        return this.#string(this.#byte())
      case 0xda:
        return this.#string(this.#uint16())
      case 0xdb:
        return this.#string(this.#uint32())
      case 0xdc:
        return this.#array(this.#uint16(), depth)
      case 0xdd:
        return this.#array(this.#uint32(), depth)
      case 0xde:
        return this.#map(this.#uint16(), depth)
      case 0xdf:
        return this.#map(this.#uint32(), depth)
      default:
        throw new Error('0xc1 begins no value')
    }
  }
