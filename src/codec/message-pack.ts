/** The codec for messages: MessagePack, checked while it is written and while it is read. */
import { type Codec, type EncodedMessage, NotEncodableError } from '../ports/codec.ts'
import { MessageDecoder } from './decoder.ts'
import { MessageEncoder } from './encoder.ts'
import { DEFAULT_LIMITS } from '../model/limits.ts'
import { assertEncodable } from './encodable.ts'

/** The limits of a codec. */
export interface MessagePackOptions {
  readonly maxMessageValues: number
}

/**
 * Creates a codec for null, boolean, number, string, bigint of up to 64 bits, `Uint8Array`, `Date`,
 * `undefined`, arrays and plain objects. Refuses every other value with its path.
 *
 * The bytes are plain MessagePack with the extension types of `extensions.ts`.
 *
 * @param options.maxMessageValues the largest number of keys and values of a message, either way
 */
export function messagePack({ maxMessageValues: max }: MessagePackOptions = DEFAULT_LIMITS): Codec {
  const decoder = new MessageDecoder(max)
  const encoder = new MessageEncoder(max)
  let isEncoding = false
  return {
    name: 'messagepack',
    encode: (msg, headroom) => {
      // A getter of the message may encode another message.
      if (isEncoding) return encodeWith(new MessageEncoder(max), msg, headroom, max)
      isEncoding = true
      try {
        return encodeWith(encoder, msg, headroom, max)
      } finally {
        isEncoding = false
      }
    },
    recycle: (memory) => encoder.recycle(memory),
    decode: (bytes, start, end, owned = false) => decoder.decode(bytes, start, end, owned),
  }
}

function encodeWith(
  encoder: MessageEncoder,
  msg: unknown,
  headroom: number,
  maxValues: number,
): EncodedMessage {
  try {
    return encoder.encode(msg, headroom)
  } catch (error) {
    // A second walk finds the path and the kind of the value.
    assertEncodable(msg, maxValues)
    // It found nothing: memory ran out, or a getter returned another value this time.
    throw new NotEncodableError('msg', `a value that cannot be written (${String(error)})`)
  }
}
