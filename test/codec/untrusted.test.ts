/** Untrusted bytes: at worst an error, and memory in proportion to the bytes, not to a header. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NotDecodableError } from '../../src/ports/codec.ts'
import { messagePack } from '../../src/codec/message-pack.ts'
import { setFlagsFromString } from 'node:v8'
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
  ])('%s', (_, hex, message) => {
    const error = thrownBy(() => decode(hex))
    expect(error.message).toMatch(message)
    expect(error.reason).toBe('undecodable')
  })
})

function thrownBy(work: () => unknown): NotDecodableError {
  try {
    work()
  } catch (error) {
    if (error instanceof NotDecodableError) return error
    throw error
  }
  throw new Error('it was decoded')
}

describe('more than maxMessageValues keys and values, itself included, are refused', () => {
  const five = messagePack({ maxMessageValues: 5 })
  const decodeFive = (hex: string): unknown =>
    five.decode(Buffer.from(hex, 'hex'), 0, hex.length / 2)

  it.each<[string, string, string]>([
    ['an array', '9401020304', '950102030405'],
    ['a map', '82a16101a16202', '83a16101a16202a16303'],
    ['nested arrays', '929101c0c0', '93919101c0c0'],
    ['arrays in a map', '81a16192c0c0', '81a16193c0c0c0'],
    ['empty containers', '9490808080', '959080808080'],
  ])('%s', (_, fits, exceeds) => {
    expect(() => decodeFive(fits)).not.toThrow(/keys and values/)
    const error = thrownBy(() => decodeFive(exceeds))
    expect(error).toMatchObject({ reason: 'too-complex' })
    expect(error.message).toBe('more than 5 keys and values (maxMessageValues)')
  })

  it('by the header, before anything behind it is read', () => {
    expect(thrownBy(() => decodeFive('95c1c1c1c1c1')).reason).toBe('too-complex')
    expect(thrownBy(() => decodeFive('95c1c1c1c1')).reason).toBe('undecodable')
    expect(thrownBy(() => decodeFive('83c1c1c1c1c1c1')).reason).toBe('too-complex')
  })

  it('by the default of 65,536', () => {
    const array = (length: number): Buffer =>
      Buffer.concat([sized(0xdd, length), Buffer.alloc(length)])
    expect(codec.decode(array(65_535), 0, 65_540)).toHaveLength(65_535)
    expect(thrownBy(() => codec.decode(array(65_536), 0, 65_541)).reason).toBe('too-complex')
  })
})

it('the encoder counts what the decoder counts', () => {
  fc.assert(
    fc.property(messages, (msg) => {
      const { memory, start, end, values } = codec.encode(msg, 0)
      const exact = messagePack({ maxMessageValues: values })
      expect(exact.decode(memory, start, end)).toStrictEqual(msg)
      if (values === 1) return
      const less = messagePack({ maxMessageValues: values - 1 })
      expect(thrownBy(() => less.decode(memory, start, end)).reason).toBe('too-complex')
    }),
    { numRuns: 300 },
  )
})

it('objects of many different keys are as others, but without hidden classes', () => {
  setFlagsFromString('--allow-natives-syntax')
  const isFast = new Function('object', 'return %HasFastProperties(object)') as (
    object: unknown,
  ) => boolean
  const maps = (count: number, keyAt: (at: number) => string): unknown[] => {
    const items = Array.from({ length: count }, (_, at) => ({ [keyAt(at)]: at }))
    const bytes = encode(items, 0)
    return codec.decode(bytes, 0, bytes.length) as unknown[]
  }
  const different = maps(6_000, (at) => `key-${at}`)
  expect(isFast(different[0])).toBe(true)
  expect(isFast(different[5_999])).toBe(false)
  expect(different[5_999]).toStrictEqual({ 'key-5999': 5_999 })
  expect(Object.getPrototypeOf(different[5_999])).toBe(Object.prototype)
  // Neither a message of records nor one of few keys is concerned, however many came before.
  expect(maps(6_000, (at) => `${at % 3}rd`).every(isFast)).toBe(true)
})

it('calls no setter of Object.prototype', () => {
  const set: unknown[] = []
  const setter = { configurable: true, set: (value: unknown) => void set.push(value) }
  // oxlint-disable-next-line no-extend-native
  Object.defineProperty(Object.prototype, 'planted', setter)
  try {
    for (let round = 0; round < 2; round++) {
      const decoded = decode('81a7706c616e74656405') as object
      expect(Object.getOwnPropertyDescriptor(decoded, 'planted')).toEqual({
        value: 5,
        writable: true,
        enumerable: true,
        configurable: true,
      })
    }
  } finally {
    delete (Object.prototype as { planted?: number }).planted
  }
  expect(set).toEqual([])
})

it('a string that V8 cannot hold is undecodable, as every other error is', () => {
  const tooLong = 2 ** 29
  // Never written to, so that it takes no memory.
  const bytes = Buffer.from(new ArrayBuffer(tooLong + 5))
  bytes.set(sized(0xdb, tooLong))
  const error = thrownBy(() => codec.decode(bytes, 0, bytes.length))
  expect(error.reason).toBe('undecodable')
  expect(error.message).toMatch(/cannot be held/)
})

it('timestamps are rounded down to milliseconds, before 1970, too', () => {
  const at = (hex: string): number => (decode(hex) as Date).getTime()
  expect(at('d7ff007a11fc00000000')).toBe(1)
  expect(at('c70cff3b9ac9ffffffffffffffffff')).toBe(-1)
  expect(at('c70cff00000001ffffffffffffffff')).toBe(-1_000)
  expect(at('d7ff0000000300000000')).toBe(2 ** 32 * 3 * 1_000)
})

it('keeps a byte order mark', () => {
  expect(decode('a4efbbbf61')).toBe('\ufeffa')
})

/** The byte of a type, and a size of four bytes. */
function sized(type: number, size: number): Buffer {
  const header = Buffer.alloc(5, type)
  header.writeUInt32BE(size, 1)
  return header
}

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
        expect((error as Error).constructor).toBe(NotDecodableError)
      }
    }),
    { numRuns: 3_000 },
  )
})
