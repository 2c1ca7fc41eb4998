/** The keys of a node: derived ones by known answers of RFC 5869, configured ones as peers change. */
import { configuredKeys } from '../../src/keys/configured-keys.ts'
import { derivedKeys } from '../../src/keys/derived-keys.ts'
import { createHmac, hkdfSync } from 'node:crypto'
import { clamp, generateKeyPair, keyPairOf } from '../../src/keys/x25519.ts'
import {
  derivation,
  generateClusterSecret,
  parseClusterSecret,
} from '../../src/keys/cluster-secret.ts'
import { describe, expect, it } from 'vitest'
import type { Peer } from '../../src/model/peer.ts'
import fc from 'fast-check'
import { formatKey } from '../../src/keys/key-text.ts'
import { inspect } from 'node:util'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const SECRET = Uint8Array.from({ length: 32 }, (_, index) => index)

/** HKDF as RFC 5869, section 2 writes it, for up to 32 bytes. */
function hkdf(secret: Uint8Array, info: string): Uint8Array {
  const key = createHmac('sha256', new Uint8Array(32)).update(secret).digest()
  return createHmac('sha256', key).update(info).update(Uint8Array.of(1)).digest()
}

const peerOf = (pid: number, ...keys: readonly Uint8Array[]): Peer => ({
  pid,
  endpoint: `inproc://${pid}`,
  publicKey: keys.map(formatKey),
})

describe('the secret of a cluster', () => {
  it('is derived from with the HKDF of RFC 5869, appendix A.3', () => {
    const okm =
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'
    const secret = new Uint8Array(22).fill(0x0b)
    expect(hex(new Uint8Array(hkdfSync('sha256', secret, '', '', 42)))).toBe(okm)
    expect(hex(hkdf(secret, ''))).toBe(okm.slice(0, 64))
  })

  it('gives each pid of a cluster the pair that the documents say', () => {
    const { publicKey, secretKey } = derivation(SECRET, 'orders')(7)
    const expected = clamp(Uint8Array.from(hkdf(SECRET, 'rx-cluster/1 orders 7')))
    expect(secretKey).toEqual(expected)
    expect(publicKey).toEqual(keyPairOf(expected).publicKey)
    // Nodes of other versions and languages compute the same.
    expect(formatKey(publicKey)).toMatchInlineSnapshot(`"T0=41bQBEK@UT^#K5mUZr-n[X^^n)v%d*(9}qg4H"`)
  })

  it('gives different pids, clusters and secrets different pairs', () => {
    const secret = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const identity = fc.tuple(secret, fc.string(), fc.nat())
    const publicKey = ([bytes, cluster, pid]: [Uint8Array, string, number]): string =>
      hex(derivation(bytes, cluster)(pid).publicKey)
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const same = JSON.stringify([...one]) === JSON.stringify([...other])
        expect(publicKey(one) === publicKey(other)).toBe(same)
        expect(publicKey(one)).toBe(publicKey(one))
      }),
      { numRuns: 50 },
    )
  })

  it('is shared by the nodes of a process: a pair is derived once', () => {
    expect(derivation(SECRET, 'orders')(7)).toBe(derivation(Uint8Array.from(SECRET), 'orders')(7))
    expect(derivation(SECRET, 'orders')(7)).not.toBe(derivation(SECRET, 'orders 7')(7))
  })

  it('is 32 random bytes as text, in one spelling', () => {
    const text = generateClusterSecret()
    expect(text).toMatch(/^rxcs1_[\w-]{43}$/)
    expect(generateClusterSecret()).not.toBe(text)
    expect(parseClusterSecret(text)).toHaveLength(32)
    const zeros = `rxcs1_${'A'.repeat(43)}`
    expect(parseClusterSecret(zeros)).toHaveLength(32)
    const others = [
      text.slice(6),
      `${text}A`,
      `${text}\n`,
      text.toUpperCase(),
      text.slice(0, -1),
      `${zeros.slice(0, -1)}B`,
      'password',
      '',
    ]
    for (const other of others) expect(parseClusterSecret(other), other).toBeUndefined()
  })
})

describe('derived keys', () => {
  const pairOf = derivation(SECRET, 'orders')
  const [keys, others] = [derivedKeys(pairOf, 1), derivedKeys(pairOf, 2)]

  it('are those of any pid, peer or not', () => {
    expect(keys.pair).toBe(pairOf(1))
    expect(keys.publicKeysOf(2)).toEqual([others.pair.publicKey])
    expect(keys.publicKeysOf(1)).toEqual([keys.pair.publicKey])
    expect(keys.isDerived).toBe(true)
  })

  it('share a secret, and authenticate messages with it', () => {
    const secret = keys.sharedSecret(others.pair.publicKey)
    expect(secret).toEqual(others.sharedSecret(keys.pair.publicKey))
    expect(keys.sharedSecret(Uint8Array.from(others.pair.publicKey))).toBe(secret)
    const message = new TextEncoder().encode('what do ya want for nothing?')
    // RFC 4231, test case 2.
    expect(hex(keys.mac(new TextEncoder().encode('Jefe'), message))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
  })

  it('show no secret where they are printed', () => {
    const text = inspect(keys, { depth: 5, showHidden: false })
    expect(text).not.toContain('secretKey')
  })
})

describe('configured keys', () => {
  const [own, old, next, third] = Array.from({ length: 4 }, generateKeyPair)
  const pair = own as NonNullable<typeof own>
  const key = (of: typeof own): Uint8Array => of?.publicKey ?? new Uint8Array()

  it('are those of the peers, several while one is rotated', () => {
    const peers = new Map([[2, peerOf(2, key(old), key(next))]])
    const keys = configuredKeys(pair, peerOf(1, key(own)), peers)
    expect(keys.publicKeysOf(1)).toEqual([key(own)])
    expect(keys.publicKeysOf(2)).toEqual([key(old), key(next)])
    expect(keys.publicKeysOf(3)).toEqual([])
    expect(keys.isDerived).toBe(false)
    expect(keys.sharedSecret(key(old))).toHaveLength(32)
  })

  it('follow the peers', () => {
    const keys = configuredKeys(pair, peerOf(1, key(own)), new Map([[2, peerOf(2, key(old))]]))
    keys.setPeer(peerOf(3, key(third)))
    keys.setPeer(peerOf(2, key(next)))
    expect([keys.publicKeysOf(2), keys.publicKeysOf(3)]).toEqual([[key(next)], [key(third)]])
    keys.removePeer(2)
    expect(keys.publicKeysOf(2)).toEqual([])
    keys.setPeers(new Map([[2, peerOf(2, key(old))]]))
    expect([keys.publicKeysOf(2), keys.publicKeysOf(3)]).toEqual([[key(old)], []])
    expect(keys.publicKeysOf(1)).toEqual([key(own)])
  })
})
