/** Messages as MessagePack: checked while they are written, and read by one that trusts nobody. */
import { type Codec, type EncodedMessage, NotEncodableError } from '../ports/codec.ts'
import { MessageDecoder } from './decoder.ts'
import { MessageEncoder } from './encoder.ts'
import { assertEncodable } from './encodable.ts'

/**
 * A codec for null, boolean, number, string, bigint within 64 bits, `Uint8Array`, `Date`,
 * `undefined`, arrays and plain objects. Everything else is refused with its path.
 *
 * The bytes are plain MessagePack, with the extension types of `extensions.ts`.
 */
export function messagePack(): Codec {
  const decoder = new MessageDecoder()
  const encoder = new MessageEncoder()
  let isEncoding = false
  return {
    name: 'messagepack',
    encode: (msg, headroom) => {
      // A getter may encode something else in the middle of its own message.
      if (isEncoding) return encodeWith(new MessageEncoder(), msg, headroom)
      isEncoding = true
      try {
        return encodeWith(encoder, msg, headroom)
      } finally {
        isEncoding = false
      }
    },
    recycle: (memory) => encoder.recycle(memory),
    decode: (bytes, start, end, owned = false) => decoder.decode(bytes, start, end, owned),
  }
}

function encodeWith(encoder: MessageEncoder, msg: unknown, headroom: number): EncodedMessage {
  try {
    return encoder.encode(msg, headroom)
  } catch (error) {
    // A second walk finds out what is wrong, and where.
    assertEncodable(msg)
    // What is left is memory, or a getter that has changed its mind.
    throw new NotEncodableError('msg', `what cannot be written (${String(error)})`)
  }
}
