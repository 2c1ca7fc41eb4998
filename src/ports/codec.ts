/** The codec port: messages to bytes and back. */

/** Encodes and decodes messages. */
export interface Codec {
  readonly name: string
  /**
   * Encodes one message behind `headroom` bytes, which the caller fills.
   *
   * The bytes must not change until `recycle`. They may share memory with other messages, and
   * should directly follow the message before, so that a batch is one copy.
   *
   * @param headroom 0 to 255 bytes
   * @throws NotEncodableError with the path of the first value that cannot be encoded, or for
   *   more keys and values than the codec was created for
   */
  encode(msg: unknown, headroom: number): EncodedMessage
  /**
   * Decodes the message that fills `bytes` from `start` up to `end`.
   *
   * The result must not share memory with `bytes`, unless they are `owned`: then the bytes have no
   * other user, and a large `Uint8Array` may be a view of them.
   *
   * @throws NotDecodableError and nothing else, where the bytes are no message, or have more keys
   *   and values than the codec was created for
   */
  decode(bytes: Uint8Array, start: number, end: number, owned?: boolean): unknown
  /** Takes back the memory of an encoded message of 32 KiB or more that is no longer read. */
  recycle(memory: Uint8Array): void
}

/** An encoded message in its memory: the headroom from `start`, then the message up to `end`. */
export interface EncodedMessage {
  readonly memory: Uint8Array
  readonly start: number
  readonly end: number
  /** The keys and values of the message, itself included; bytes do not count. */
  readonly values: number
}

/** A message cannot be encoded: one of its values, or because it has too many of them. */
export class NotEncodableError extends Error {
  override readonly name = 'NotEncodableError'
  /** The path of the value: `msg.votes[2]`. */
  readonly path: string
  readonly reason: 'not-encodable' | 'too-complex'

  constructor(path: string, found: string, reason: NotEncodableError['reason'] = 'not-encodable') {
    super(`${path}: cannot carry ${found}`)
    this.path = path
    this.reason = reason
  }
}

/** Bytes cannot be decoded: they are no message, or one with too many keys and values. */
export class NotDecodableError extends Error {
  override readonly name = 'NotDecodableError'
  readonly reason: 'undecodable' | 'too-complex'

  constructor(message: string, reason: NotDecodableError['reason'] = 'undecodable') {
    super(message)
    this.reason = reason
  }
}
