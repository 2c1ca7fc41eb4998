/** X25519 (RFC 7748) by `node:crypto`: public keys, and the secrets that two pairs share. */
import {
  type KeyObject,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  randomBytes,
} from 'node:crypto'
import type { KeyPair } from '../ports/keys.ts'

/** The length of both keys of a pair. */
export const KEY_BYTES = 32

/** What stands before the 32 bytes of a key in the encodings of RFC 8410. */
const PRIVATE_KEY_PREFIX = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
])
const PUBLIC_KEY_PREFIX = Uint8Array.from([
  0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00,
])

/** Creates a new pair. */
export function generateKeyPair(): KeyPair {
  return keyPairOf(clamp(randomBytes(KEY_BYTES)))
}

/** Returns the pair of a secret key. */
export function keyPairOf(secretKey: Uint8Array): KeyPair {
  const der = createPublicKey(privateKeyObject(secretKey)).export({ format: 'der', type: 'spki' })
  return hidingSecret(Uint8Array.from(der.subarray(-KEY_BYTES)), Uint8Array.from(secretKey))
}

/** Sets the bits that X25519 ignores, as RFC 7748 says. Changes and returns the bytes. */
export function clamp(secretKey: Uint8Array): Uint8Array {
  secretKey[0] = (secretKey[0] ?? 0) & 0xf8
  secretKey[31] = ((secretKey[31] ?? 0) & 0x7f) | 0x40
  return secretKey
}

/**
 * Returns whether bytes are a public key. A point of small order would make every shared secret
 * zero, and a second encoding of a point would let one key pass for two.
 */
export function isPublicKey(bytes: Uint8Array): boolean {
  if (bytes.length !== KEY_BYTES || !isCanonical(bytes)) return false
  try {
    x25519(anyPrivateKey(), bytes)
    return true
  } catch {
    return false
  }
}

/** Returns a secret key in the form that `x25519` needs: computing it costs as much as one use. */
export function privateKeyObject(secretKey: Uint8Array): KeyObject {
  const key = Buffer.concat([PRIVATE_KEY_PREFIX, secretKey])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

/**
 * Returns the 32 bytes that the holders of both pairs share.
 *
 * @throws an error of OpenSSL where `isPublicKey` is false
 */
export function x25519(privateKey: KeyObject, publicKey: Uint8Array): Uint8Array {
  const key = Buffer.concat([PUBLIC_KEY_PREFIX, publicKey])
  const publicKeyObject = createPublicKey({ key, format: 'der', type: 'spki' })
  return Uint8Array.from(diffieHellman({ privateKey, publicKey: publicKeyObject }))
}

let probe: KeyObject | undefined

/** The result of a check does not depend on the key. */
function anyPrivateKey(): KeyObject {
  probe ??= privateKeyObject(new Uint8Array(KEY_BYTES).fill(1))
  return probe
}

/** Returns whether a little-endian number is below 2²⁵⁵ − 19. */
function isCanonical(bytes: Uint8Array): boolean {
  const [first = 0, last = 0] = [bytes[0], bytes[31]]
  if (last !== 0x7f) return last < 0x7f
  return first < 0xed || bytes.subarray(1, 31).some((byte) => byte !== 0xff)
}

/** A pair that is printed by mistake shows its public key only. */
function hidingSecret(publicKey: Uint8Array, secretKey: Uint8Array): KeyPair {
  const pair = { publicKey, secretKey }
  Object.defineProperty(pair, 'secretKey', { enumerable: false, writable: false })
  return Object.freeze(pair)
}
