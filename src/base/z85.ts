/** Z85: bytes as printable text, as ZeroMQ writes its keys (RFC 32 of ZeroMQ). */

const ALPHABET =
  '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'
const BASE = ALPHABET.length
const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]))
const GROUP_BYTES = 4
const GROUP_CHARACTERS = 5

/**
 * Encodes bytes: 32 bytes become 40 characters.
 *
 * @param bytes a multiple of 4
 */
export function encodeZ85(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let text = ''
  for (let offset = 0; offset < bytes.length; offset += GROUP_BYTES) {
    let value = view.getUint32(offset)
    let group = ''
    for (let digit = 0; digit < GROUP_CHARACTERS; digit++) {
      group = ALPHABET.charAt(value % BASE) + group
      value = Math.floor(value / BASE)
    }
    text += group
  }
  return text
}

/**
 * Decodes a text; undefined where it is no Z85. Every text that is accepted is what `encodeZ85`
 * returns for its bytes: equal bytes have equal texts.
 */
export function decodeZ85(text: string): Uint8Array | undefined {
  if (text.length % GROUP_CHARACTERS !== 0) return undefined
  const bytes = new Uint8Array((text.length / GROUP_CHARACTERS) * GROUP_BYTES)
  const view = new DataView(bytes.buffer)
  for (let group = 0; group * GROUP_CHARACTERS < text.length; group++) {
    let value = 0
    for (let digit = 0; digit < GROUP_CHARACTERS; digit++) {
      const digitValue = VALUES.get(text.charAt(group * GROUP_CHARACTERS + digit))
      if (digitValue === undefined) return undefined
      value = value * BASE + digitValue
    }
    // Five characters can hold more than four bytes.
    if (value >= 2 ** 32) return undefined
    view.setUint32(group * GROUP_BYTES, value)
  }
  return bytes
}
