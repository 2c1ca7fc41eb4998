/** Key pairs and shared secrets: known answers of RFC 7748, and the keys of ZeroMQ. */
import { clamp, generateKeyPair, isPublicKey, keyPairOf } from '../../src/keys/x25519.ts'
import { describe, expect, it } from 'vitest'
import { fingerprint, formatKey, parseKey, parsePublicKey } from '../../src/keys/key-text.ts'
import { privateKeyObject, x25519 } from '../../src/keys/x25519.ts'
import { curveKeyPair } from 'zeromq'
import fc from 'fast-check'
import { inspect } from 'node:util'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex')
const share = (secretKey: Uint8Array, publicKey: Uint8Array): string =>
  hex(x25519(privateKeyObject(secretKey), publicKey))
const key32 = fc.uint8Array({ minLength: 32, maxLength: 32 })

// RFC 7748, section 6.1.
const ALICE = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'
const ALICE_PUBLIC = '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'
const BOB = '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'
const BOB_PUBLIC = 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'
const SHARED = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'

describe('X25519', () => {
  it('computes the example of RFC 7748, section 5.2', () => {
    const scalar = 'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'
    const u = 'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c'
    const result = 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552'
    expect(share(bytes(scalar), bytes(u))).toBe(result)
  })

  it('computes the example of RFC 7748, section 6.1', () => {
    expect(hex(keyPairOf(bytes(ALICE)).publicKey)).toBe(ALICE_PUBLIC)
    expect(hex(keyPairOf(bytes(BOB)).publicKey)).toBe(BOB_PUBLIC)
    expect(share(bytes(ALICE), bytes(BOB_PUBLIC))).toBe(SHARED)
    expect(share(bytes(BOB), bytes(ALICE_PUBLIC))).toBe(SHARED)
  })

  it('gives two holders of pairs the same secret, with clamped bits or without', () => {
    fc.assert(
      fc.property(key32, key32, (one, other) => {
        const [a, b] = [keyPairOf(one), keyPairOf(other)]
        expect(share(one, b.publicKey)).toBe(share(other, a.publicKey))
        expect(keyPairOf(clamp(Uint8Array.from(one))).publicKey).toEqual(a.publicKey)
        expect(isPublicKey(a.publicKey)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('has the keys of ZeroMQ: each public key follows from its secret key', () => {
    for (let count = 0; count < 10; count++) {
      const { publicKey, secretKey } = curveKeyPair()
      const pair = keyPairOf(parseKey(secretKey) ?? new Uint8Array())
      expect(formatKey(pair.publicKey)).toBe(publicKey)
    }
  })

  it('creates a new pair each time, whose parts belong together', () => {
    const [one, other] = [generateKeyPair(), generateKeyPair()]
    expect(one.publicKey).not.toEqual(other.publicKey)
    expect(keyPairOf(one.secretKey).publicKey).toEqual(one.publicKey)
  })

  it('shows no secret key where a pair is printed', () => {
    const pair = generateKeyPair()
    expect(inspect(pair)).not.toContain('secretKey')
    expect(JSON.stringify(pair)).not.toContain('secretKey')
  })
})

describe('a public key', () => {
  it.each([
    ['zero, a point of small order', '00'.repeat(32)],
    ['one, a point of small order', `01${'00'.repeat(31)}`],
    ['a point of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['p - 1, a point of small order', `ec${'ff'.repeat(30)}7f`],
    ['p, a second spelling of zero', `ed${'ff'.repeat(30)}7f`],
    ['p + 9, a second spelling of the base point', `f6${'ff'.repeat(30)}7f`],
    ['the base point with its spare bit set', `09${'00'.repeat(30)}80`],
    ['31 bytes', '09'.repeat(31)],
  ])('is not %s', (_, key) => {
    expect(isPublicKey(bytes(key))).toBe(false)
  })

  it('is the base point, and the largest number that is no second spelling', () => {
    expect(isPublicKey(bytes(`09${'00'.repeat(31)}`))).toBe(true)
    expect(isPublicKey(bytes(`eb${'ff'.repeat(30)}7f`))).toBe(true)
  })

  it('is 40 characters of Z85 as text', () => {
    const text = formatKey(bytes(ALICE_PUBLIC))
    expect(text).toHaveLength(40)
    expect(parsePublicKey(text)).toEqual(bytes(ALICE_PUBLIC))
    expect(parsePublicKey(`${text} `)).toBeUndefined()
    expect(parsePublicKey(text.slice(5))).toBeUndefined()
    expect(parsePublicKey('0'.repeat(40))).toBeUndefined()
  })

  it('has a fingerprint, which is the start of its SHA-256', () => {
    expect(fingerprint(bytes(ALICE_PUBLIC))).toMatch(/^([0-9a-f]{4}:){4}[0-9a-f]{4}$/)
    expect(fingerprint(bytes(ALICE_PUBLIC))).not.toBe(fingerprint(bytes(BOB_PUBLIC)))
  })
})
