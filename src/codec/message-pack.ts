/** The codec for messages: MessagePack, checked while it is written and while it is read. */
import { type Codec, type EncodedMessage, NotEncodableError } from '../ports/codec.ts'
import { MessageDecoder } from './decoder.ts'
import { MessageEncoder } from './encoder.ts'
import { assertEncodable } from './encodable.ts'

/**
 * Creates a codec for null, boolean, number, string, bigint of up to 64 bits, `Uint8Array`, `Date`,
 * `undefined`, arrays and plain objects. Refuses every other value with its path.
 *
 * The bytes are plain MessagePack with the extension types of `extensions.ts`.
 */
export function messagePack(): Codec {
  const decoder = new MessageDecoder()
  const encoder = new MessageEncoder()
  let isEncoding = false
  return {
    name: 'messagepack',
    encode: (msg, headroom) => {
      // A getter of the message may encode another message.
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
    // A second walk finds the path and the kind of the value.
    assertEncodable(msg)
    // It found nothing: memory ran out, or a getter returned another value this time.
    throw new NotEncodableError('msg', `a value that cannot be written (${String(error)})`)
  }
}
