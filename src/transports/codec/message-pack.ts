/** Messages as MessagePack: checked while they are written, and read by one that trusts nobody. */
import { type Codec, type EncodedMessage, NotEncodable } from '../../ports/codec.ts'
import { MessageReader } from './message-reader.ts'
import { MessageWriter } from './message-writer.ts'
import { checkCarriable } from './carriable.ts'

/**
 * A codec for null, boolean, number, string, bigint within 64 bits, `Uint8Array`, `Date`,
 * `undefined`, arrays and plain objects. Everything else is refused with its path.
 *
 * The bytes are plain MessagePack, with the extension types of `extensions.ts`.
 */
export function messagePack(): Codec {
  const reader = new MessageReader()
  const writer = new MessageWriter()
  let writing = false
  return {
    name: 'messagepack',
    encode: (msg, headroom) => {
      // A getter may encode something else in the middle of its own message.
      if (writing) return write(new MessageWriter(), msg, headroom)
      writing = true
      try {
        return write(writer, msg, headroom)
      } finally {
        writing = false
      }
    },
    reuse: (memory) => writer.reuse(memory),
    decode: (bytes, start, end, owned = false) => reader.read(bytes, start, end, owned),
  }
}

function write(writer: MessageWriter, msg: unknown, headroom: number): EncodedMessage {
  try {
    return writer.write(msg, headroom)
  } catch (error) {
    // A second walk finds out what is wrong, and where.
    checkCarriable(msg)
    // What is left is memory, or a getter that has changed its mind.
    throw new NotEncodable('msg', `what cannot be written (${String(error)})`)
  }
}
