/**
 * crypto_box of NaCl: X25519, XSalsa20 and Poly1305, which CURVE is made of. Slow, and for attacks
 * only: comparing and computing take a time that depends on the secret.
 */
import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'

const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')
const SIGMA = Buffer.from('expand 32-byte k')
const TAG_BYTES = 16
const BLOCK_BYTES = 64
const PRIME = 2n ** 130n - 5n
const CLAMP = 0x0ffffffc0ffffffc0ffffffc0fffffffn

/** Returns the public key of a secret key of 32 bytes. */
export function publicKeyOf(secretKey) {
  const der = createPublicKey(privateKey(secretKey)).export({ format: 'der', type: 'spki' })
  return Buffer.from(der.subarray(-32))
}

/** Returns the key that two pairs share, for `seal` and `open`. */
export function sharedKey(publicKey, secretKey) {
  const spki = Buffer.concat([SPKI_PREFIX, publicKey])
  const secret = diffieHellman({
    privateKey: privateKey(secretKey),
    publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
  })
  return hsalsa20(secret, Buffer.alloc(16))
}

/** Encrypts: a tag of 16 bytes, and as many bytes as the text has. */
export function seal(text, nonce, key) {
  const padded = Buffer.concat([Buffer.alloc(32), text])
  xorStream(padded, nonce, key)
  const body = padded.subarray(32)
  return Buffer.concat([poly1305(body, padded.subarray(0, 32)), body])
}

/** Decrypts; undefined where the tag is wrong. */
export function open(box, nonce, key) {
  const padded = Buffer.concat([Buffer.alloc(32), box.subarray(TAG_BYTES)])
  const body = Buffer.from(padded.subarray(32))
  xorStream(padded, nonce, key)
  const isValid = poly1305(body, padded.subarray(0, 32)).equals(box.subarray(0, TAG_BYTES))
  return isValid ? padded.subarray(32) : undefined
}

function privateKey(secretKey) {
  const key = Buffer.concat([PKCS8_PREFIX, secretKey])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

function xorStream(bytes, nonce, key) {
  const subkey = hsalsa20(key, nonce.subarray(0, 16))
  const input = Buffer.alloc(16)
  nonce.copy(input, 0, 16, 24)
  for (let at = 0, block = 0; at < bytes.length; at += BLOCK_BYTES, block++) {
    input.writeUInt32LE(block, 8)
    const start = stateOf(subkey, input)
    const mixed = mix(start)
    for (let word = 0; word < 16; word++) mixed[word] = (mixed[word] + start[word]) >>> 0
    const stream = Buffer.from(mixed.buffer)
    const end = Math.min(BLOCK_BYTES, bytes.length - at)
    for (let index = 0; index < end; index++) bytes[at + index] ^= stream[index]
  }
}

function hsalsa20(key, input) {
  const mixed = mix(stateOf(key, input))
  const words = [0, 5, 10, 15, 6, 7, 8, 9].map((word) => mixed[word])
  return Buffer.from(Uint32Array.from(words).buffer)
}

function stateOf(key, input) {
  const word = (bytes, at) => bytes.readUInt32LE(at * 4)
  const k = Array.from({ length: 8 }, (_, at) => word(key, at))
  const n = Array.from({ length: 4 }, (_, at) => word(input, at))
  const s = Array.from({ length: 4 }, (_, at) => word(SIGMA, at))
  const [k0, k1, k2, k3, k4, k5, k6, k7] = k
  return Uint32Array.from([
    ...[s[0], k0, k1, k2, k3, s[1], n[0], n[1]],
    ...[n[2], n[3], s[2], k4, k5, k6, k7, s[3]],
  ])
}

/** 20 rounds of Salsa20, without the final addition. */
function mix(state) {
  const x = Uint32Array.from(state)
  const quarter = (a, b, c, d) => {
    x[b] ^= rotated(x[a] + x[d], 7)
    x[c] ^= rotated(x[b] + x[a], 9)
    x[d] ^= rotated(x[c] + x[b], 13)
    x[a] ^= rotated(x[d] + x[c], 18)
  }
  for (let round = 0; round < 10; round++) {
    quarter(0, 4, 8, 12)
    quarter(5, 9, 13, 1)
    quarter(10, 14, 2, 6)
    quarter(15, 3, 7, 11)
    quarter(0, 1, 2, 3)
    quarter(5, 6, 7, 4)
    quarter(10, 11, 8, 9)
    quarter(15, 12, 13, 14)
  }
  return x
}

function rotated(sum, bits) {
  const word = sum >>> 0
  return (word << bits) | (word >>> (32 - bits))
}

function poly1305(bytes, key) {
  const r = littleEndian(key.subarray(0, 16)) & CLAMP
  let sum = 0n
  for (let at = 0; at < bytes.length; at += 16) {
    const chunk = Buffer.concat([bytes.subarray(at, at + 16), Buffer.from([1])])
    sum = ((sum + littleEndian(chunk)) * r) % PRIME
  }
  const tag = (sum + littleEndian(key.subarray(16, 32))) & (2n ** 128n - 1n)
  return reversedBytes(Buffer.from(tag.toString(16).padStart(32, '0'), 'hex'))
}

function littleEndian(bytes) {
  return BigInt(`0x${reversedBytes(bytes).toString('hex')}`)
}

function reversedBytes(bytes) {
  return Buffer.from(bytes.toReversed())
}
