/** Untrusted bytes: at worst an error, and memory in proportion to the bytes, not to a header. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messagePack } from '../../src/codec/message-pack.ts'
import { encode, messages } from './samples.ts'

const codec = messagePack()
const decode = (hex: string): unknown => {
  const bytes = Buffer.from(hex, 'hex')
  return codec.decode(bytes, 0, bytes.length)
}

describe('refused with a reason', () => {
  it.each<[string, string, RegExp]>([
    ['nothing', '', /end in the middle/],
    ['trailing bytes', '0102', /^1 more bytes follow/],
    ['a truncated string', 'a561', /end in the middle/],
    ['a truncated double', 'cb00', /end in the middle/],
    ['a truncated bin', 'c4ff00', /end in the middle/],
    ['a truncated map', '81a161', /end in the middle/],
    ['a truncated extension', 'd701000000', /end in the middle/],
    ['an array of 2³² − 1', 'ddffffffff', /end in the middle/],
    ['a map of 2³² − 1', 'dfffffffff', /end in the middle/],
    ['a string of 2³² − 1', 'dbffffffff', /end in the middle/],
    ['a bin of 2³² − 1', 'c6ffffffff', /end in the middle/],
    ['the byte that is never used', 'c1', /0xc1/],
    ['an unknown extension', 'd40500', /extension of type 5 and 1 bytes/],
    ['a regular expression of msgpackr', 'd4780092a178a0', /extension of type 120/],
    ['a pointer of msgpackr', 'd67000000001', /extension of type 112/],
    ['a record of msgpackr', 'd4724091a16101', /extension of type 114/],
    ['a bigint of the wrong size', 'd60100000001', /type 1 and 4 bytes/],
    ['an undefined with another byte', 'd40001', /type 0/],
    ['a timestamp of the wrong size', 'd5ff0000', /timestamp has 4, 8 or 12 bytes, not 2/],
    ['a timestamp with too many nanoseconds', 'd7ffffffffff00000000', /out of range/],
    ['a timestamp beyond all dates', 'c70cff000000007fffffffffffffff', /out of range/],
    ['a key that is a number', '810101', /not a string/],
    ['a key that is an array', '819001', /not a string/],
    ['the key __proto__', '81a95f5f70726f746f5f5f80', /__proto__/],
    ['text that is not UTF-8', 'a2c328', /UTF-8/],
    ['long text that is not UTF-8', `d91e${'61'.repeat(29)}ff`, /UTF-8/],
    ['a surrogate in UTF-8', 'a3eda080', /UTF-8/],
    ['101 levels', `${'91'.repeat(101)}c0`, /more than 100 levels/],
    ['101 levels of maps', `${'81a161'.repeat(101)}c0`, /more than 100 levels/],
    ['a million levels', '91'.repeat(1_000_000), /more than 100 levels/],
    ['too many empty maps', `dd00200000${'80'.repeat(2 ** 21)}`, /more than 1048576/],
  ])('%s', (_, hex, message) => {
    expect(() => decode(hex)).toThrow(message)
  })
})

it('a message ends at the given end, even if more bytes follow', () => {
  const bytes = encode('hello', 0)
  expect(() => codec.decode(bytes, 0, bytes.length - 1)).toThrow(/end in the middle/)
})

it('of a repeated key the last one counts', () => {
  expect(decode('82a16101a16102')).toEqual({ a: 2 })
})

it('keeps replacement characters that were sent', () => {
  expect(decode('a3efbfbd')).toBe('\ufffd')
})

it('lengths in headers cost no memory', () => {
  const claims = Buffer.from('dd00ffffff'.repeat(99) + '00'.repeat(1_000), 'hex')
  const before = process.memoryUsage()
  expect(() => codec.decode(claims, 0, claims.length)).toThrow(/end in the middle/)
  const after = process.memoryUsage()
  expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(
    2 ** 25,
  )
})

it('changes no prototype, with cached keys or without', () => {
  for (let round = 0; round < 3; round++) {
    expect(() => decode('81a95f5f70726f746f5f5f81a161c3')).toThrow()
    const nested = '81ab636f6e7374727563746f7281a970726f746f7479706581a161c3'
    expect(decode(nested)).toEqual({ constructor: { prototype: { a: true } } })
  }
  expect(({} as { a?: boolean }).a).toBeUndefined()
  expect(Object.hasOwn(Object.prototype, 'a')).toBe(false)
})

it('throws nothing but an Error for random bytes and mutated messages', () => {
  const mutated = fc
    .tuple(
      messages,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    )
    .map(([msg, changes]) => {
      const bytes = Uint8Array.from(encode(msg, 0))
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      return bytes
    })
  const structured = fc
    .array(
      fc.constantFrom(0x81, 0x91, 0xa1, 0xc4, 0xc7, 0xd4, 0xd7, 0xdc, 0xde, 0xff, 0x00, 0x01, 0x61),
    )
    .map((bytes) => Uint8Array.from(bytes))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated, structured), (bytes) => {
      try {
        const msg = codec.decode(bytes, 0, bytes.length)
        // What was decoded can be encoded.
        const again = encode(msg, 0)
        expect(codec.decode(again, 0, again.length)).toStrictEqual(msg)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
        expect((error as Error).constructor).toBe(Error)
      }
    }),
    { numRuns: 3_000 },
  )
})
