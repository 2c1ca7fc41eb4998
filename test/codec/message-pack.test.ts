/** messagePack: messages come back equal, and encoded bytes never change. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messagePack } from '../../src/codec/message-pack.ts'
import { encode, messages } from './samples.ts'

const codec = messagePack()
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const decode = (bytes: string): unknown =>
  codec.decode(Buffer.from(bytes, 'hex'), 0, bytes.length / 2)
const roundTrip = (msg: unknown, headroom = 0): unknown => {
  const { memory, start, end } = codec.encode(msg, headroom)
  return codec.decode(memory, start + headroom, end)
}

describe('round trip', () => {
  it('returns any message of the listed types, with any headroom', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 0, max: 255 }), (msg, headroom) => {
        expect(roundTrip(msg, headroom)).toStrictEqual(msg)
      }),
      { numRuns: 1_000 },
    )
  })

  it('decodes a message between other bytes', () => {
    const bytes = Uint8Array.of(1, 2, ...encode({ a: [1n, 'x'] }), 3)
    expect(codec.decode(bytes, 2, bytes.length - 1)).toEqual({ a: [1n, 'x'] })
  })

  it('keeps keys with the names of methods', () => {
    const msg = { constructor: 'x', hasOwnProperty: 1, toJSON: null, length: 2, toString: 0, '': 3 }
    expect(roundTrip(msg)).toStrictEqual(msg)
  })

  it('makes plain objects of objects without a prototype, and a Uint8Array of a Buffer', () => {
    expect(roundTrip(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 })
    const bytes = roundTrip(Buffer.from('abc'))
    expect(bytes).toStrictEqual(Uint8Array.of(97, 98, 99))
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
  })

  it('takes a million numbers, 70,000 keys, 100 levels, 16 MiB', () => {
    const large = messagePack({ maxMessageValues: 2 ** 20 })
    const roundTripLarge = (msg: unknown): unknown => {
      const { memory, start, end } = large.encode(msg, 0)
      return large.decode(memory, start, end)
    }
    const many = Array.from({ length: 1_000_000 }, (_, index) => index)
    expect(roundTripLarge(many)).toEqual(many)
    const wide = Object.fromEntries(
      Array.from({ length: 70_000 }, (_, index) => [`k${index}`, index]),
    )
    expect(roundTripLarge(wide)).toEqual(wide)
    let deep: unknown = 'bottom'
    for (let level = 0; level < 100; level++) deep = level % 2 === 0 ? [deep] : { deep }
    expect(roundTrip(deep)).toEqual(deep)
    const bytes = new Uint8Array(16 * 2 ** 20).fill(7)
    expect(hex(roundTrip(bytes) as Uint8Array) === hex(bytes)).toBe(true)
    const text = 'ß'.repeat(2 ** 20)
    expect(roundTrip(text) === text).toBe(true)
  })
})

describe('an encoded message', () => {
  it('never changes when others are encoded', () => {
    fc.assert(
      fc.property(fc.array(messages, { minLength: 50, maxLength: 200 }), (several) => {
        const encoded = several.map((msg) => encode(msg, 13))
        const before = encoded.map((bytes) => hex(bytes.subarray(13)))
        // Filling the headroom must not change another message.
        for (const bytes of encoded) bytes.fill(0xee, 0, 13)
        expect(encoded.map((bytes) => hex(bytes.subarray(13)))).toEqual(before)
      }),
      { numRuns: 20 },
    )
  })

  it('shares no memory with the message before encoding or after decoding', () => {
    const inner = Uint8Array.of(1, 2, 3)
    const bytes = encode({ inner })
    inner.fill(9)
    const decoded = codec.decode(bytes, 0, bytes.length) as { inner: Uint8Array }
    bytes.fill(0)
    expect(decoded).toEqual({ inner: Uint8Array.of(1, 2, 3) })
    expect(decoded.inner.buffer.byteLength).toBe(3)
  })

  it('has memory of its own and of about its size when it is large', () => {
    for (const size of [17_000, 33_000, 50_000, 100_000, 2_000_000]) {
      const bytes = encode('x'.repeat(size))
      expect(bytes.buffer.byteLength).toBeLessThan(bytes.length / 0.6)
      expect(encode('x').buffer.byteLength).toBeLessThan(20_000)
    }
  })

  it('follows the small message before it directly, even after a large one', () => {
    const before = codec.encode('a', 0)
    codec.encode('x'.repeat(100_000), 0)
    expect(() => codec.encode(['x'.repeat(100_000), Symbol('no')], 0)).toThrow()
    expect(codec.encode('b', 0)).toMatchObject({ memory: before.memory, start: before.end })
  })

  it('reuses recycled memory of about the same size', () => {
    const large = (size: number): Uint8Array => codec.encode('x'.repeat(size), 0).memory
    const first = large(200_000)
    codec.recycle(first)
    expect(large(50_000)).not.toBe(first)
    expect(large(500_000)).not.toBe(first)
    expect(large(199_000)).toBe(first)
    expect(large(199_000)).not.toBe(first)
    // The pool keeps up to 8 MiB.
    const many = Array.from({ length: 20 }, () => large(1_000_000))
    for (const memory of many) codec.recycle(memory)
    const again = many.map(() => large(1_000_000))
    expect(again.filter((memory) => many.includes(memory))).toHaveLength(8)
  })

  it('returns owned bytes as a view if they are most of the memory, else as a copy', () => {
    const bytes = encode(new Uint8Array(50_000).fill(7))
    const owned = codec.decode(bytes, 0, bytes.length, true) as Uint8Array
    expect([owned.buffer, owned.length]).toEqual([bytes.buffer, 50_000])
    expect(Object.getPrototypeOf(owned)).toBe(Uint8Array.prototype)
    const lent = codec.decode(bytes, 0, bytes.length) as Uint8Array
    expect(lent.buffer).not.toBe(bytes.buffer)
    const mixed = encode([new Uint8Array(10_000), 'x'.repeat(40_000)])
    const [part] = codec.decode(mixed, 0, mixed.length, true) as [Uint8Array]
    expect(part.buffer.byteLength).toBe(10_000)
  })
})

describe('golden bytes', () => {
  it.each<[unknown, string]>([
    [null, 'c0'],
    [undefined, 'd40000'],
    [true, 'c3'],
    [127, '7f'],
    [128, 'cc80'],
    [-1, 'ff'],
    [-33, 'd0df'],
    [65_536, 'ce00010000'],
    [-0, 'cb8000000000000000'],
    [1.5, 'cb3ff8000000000000'],
    [2 ** 32, 'cb41f0000000000000'],
    [2 ** 60, 'cb43b0000000000000'],
    [5n, 'd7010000000000000005'],
    [-5n, 'd701fffffffffffffffb'],
    [2n ** 53n, 'cf0020000000000000'],
    [2n ** 64n - 1n, 'cfffffffffffffffff'],
    [-(2n ** 63n), 'd38000000000000000'],
    ['a#\0é', 'a5612300c3a9'],
    [Uint8Array.of(1, 255), 'c40201ff'],
    [new Date(0), 'd6ff00000000'],
    [new Date(1_500), 'd7ff7735940000000001'],
    [new Date(-1), 'c70cff3b8b87c0ffffffffffffffff'],
    [new Date(NaN), 'd40200'],
    [[1, [2]], '92019102'],
    [{ a: 1, b: [] }, '82a16101a16290'],
  ])('%s', (msg, bytes) => {
    expect(hex(encode(msg))).toBe(bytes)
    expect(decode(bytes)).toStrictEqual(msg)
  })
})

describe('encodings that others write', () => {
  it('decodes an integer of 64 bits to a number if it is safe, else to a bigint', () => {
    expect(decode('cf0000000100000000')).toBe(2 ** 32)
    expect(decode('d3ffffffffffffffff')).toBe(-1)
    expect(decode('cf001fffffffffffff')).toBe(2 ** 53 - 1)
    expect(decode('cf0020000000000000')).toBe(2n ** 53n)
    expect(decode('ca3fc00000')).toBe(1.5)
  })
})
