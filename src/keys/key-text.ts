/** Keys as text: 40 characters of Z85, as ZeroMQ has them. */
import { decodeZ85, encodeZ85 } from '../base/z85.ts'
import { KEY_BYTES, isPublicKey } from './x25519.ts'
import { createHash } from 'node:crypto'

/** The length of a key as text. */
export const KEY_CHARACTERS = 40

/** What messages say where they expect a public key. */
export const EXPECTED_PUBLIC_KEY = `a public key of ${KEY_CHARACTERS} characters of Z85`

const FINGERPRINT_GROUPS = 5

/** Returns the 32 bytes of a key; undefined where the text is none. */
export function parseKey(text: string): Uint8Array | undefined {
  return text.length === KEY_CHARACTERS ? decodeZ85(text) : undefined
}

/** Returns the 32 bytes of a public key; undefined where the text is none. */
export function parsePublicKey(text: string): Uint8Array | undefined {
  const bytes = parseKey(text)
  return bytes !== undefined && isPublicKey(bytes) ? bytes : undefined
}

/** Returns a key as text. */
export function formatKey(key: Uint8Array): string {
  if (key.length !== KEY_BYTES) throw new RangeError(`expected a key of ${KEY_BYTES} bytes`)
  return encodeZ85(key)
}

/**
 * Returns a text by which people compare public keys: the first 80 bits of SHA-256, as
 * `3f2a:99c1:5b77:0e12:d4a8`.
 */
export function fingerprint(publicKey: Uint8Array): string {
  const digits = createHash('sha256').update(publicKey).digest('hex')
  return (digits.match(/.{4}/g) ?? []).slice(0, FINGERPRINT_GROUPS).join(':')
}
