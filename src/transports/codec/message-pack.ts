/** Messages as MessagePack: written by msgpackr, read by a reader of our own that trusts nobody. */
import { Packr, RESERVE_START_SPACE } from 'msgpackr/pack'
import { type Codec, NotEncodable } from '../../ports/codec.ts'
import { MessageReader } from './message-reader.ts'
import { checkCarriable } from './carriable.ts'
import { spelledOut } from './spelled-out.ts'

/** Messages are written into pieces of memory of this size, one behind the other. */
const SLAB_BYTES = 16 * 1024
/** Larger ones get memory of their own, exactly as large as they are. */
const SHARING_BYTES = 4 * 1024

/**
 * A codec for null, boolean, number, string, bigint within 64 bits, `Uint8Array`, `Date`,
 * `undefined`, arrays and plain objects. Everything else is refused with its path.
 *
 * The bytes are plain MessagePack, with the extension types of `extensions.ts`.
 */
export function messagePack(): Codec {
  const packr = new Packr({ useRecords: false, variableMapSize: true, useToJSON: false })
  const reader = new MessageReader()
  return {
    name: 'messagepack',
    encode: (msg, headroom) => {
      const bytes = pack(packr, msg, headroom)
      const whole = new Uint8Array(bytes.buffer)
      if (bytes.length <= SHARING_BYTES)
        return { memory: whole, start: bytes.byteOffset, end: bytes.byteOffset + bytes.length }
      // What is left of the memory that was needed for this one would be kept alive by small ones.
      packr.useBuffer(Buffer.allocUnsafeSlow(SLAB_BYTES))
      return { memory: Uint8Array.prototype.slice.call(bytes), start: 0, end: bytes.length }
    },
    decode: (bytes, start, end) => reader.read(bytes, start, end),
  }
}

function pack(packr: Packr, msg: unknown, headroom: number): Uint8Array {
  const carriable = checkCarriable(msg)
  try {
    const value = carriable === 'plain' ? msg : spelledOut(msg)
    return packr.pack(value, RESERVE_START_SPACE + headroom)
  } catch (error) {
    // It has been checked: what is left is memory, or a getter that has changed its mind.
    throw new NotEncodable('msg', `what cannot be written (${String(error)})`)
  }
}
