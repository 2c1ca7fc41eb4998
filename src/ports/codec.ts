/** The codec port: messages to bytes and back. */

/** Turns messages into bytes and back. */
export interface Codec {
  readonly name: string
  /**
   * Encodes one message behind `headroom` bytes that are left for the caller to fill.
   *
   * The bytes must never change afterwards, whatever is encoded next, until `reuse`. They may share
   * their memory with others, and should stand right behind those of the message before: then a
   * batch of them is one copy.
   *
   * @param msg anything; what cannot be carried is refused
   * @param headroom 0 to 255 bytes
   * @throws NotEncodable with the path of the first value that cannot be carried
   */
  encode(msg: unknown, headroom: number): EncodedMessage
  /**
   * Decodes the message that stands in `bytes` from `start` up to `end`; it must fill that range
   * exactly.
   *
   * What it returns must not share memory with `bytes`, unless they are `owned`: then nobody else
   * has them, or will use them again, and a large `Uint8Array` may be a window onto them.
   *
   * @throws Error with a readable message where the bytes are no message
   */
  decode(bytes: Uint8Array, start: number, end: number, owned?: boolean): unknown
  /**
   * Takes back the memory of an encoded message of 32 KiB or more, which nobody will read again.
   */
  recycle(memory: Uint8Array): void
}

/** Where an encoded message stands: the headroom from `start` on, then the message up to `end`. */
export interface EncodedMessage {
  readonly memory: Uint8Array
  readonly start: number
  readonly end: number
}

/** A message holds something that cannot be carried. */
export class NotEncodableError extends Error {
  override readonly name = 'NotEncodableError'
  /** Where it stands: `msg.votes[2]`. */
  readonly path: string

  constructor(path: string, found: string) {
    super(`${path}: cannot carry ${found}`)
    this.path = path
  }
}
