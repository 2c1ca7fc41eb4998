/** Other implementations of MessagePack: the same bytes for what all have, and every difference. */
import fc from 'fast-check'
import * as msgpack from '@msgpack/msgpack'
import { Packr, Unpackr } from 'msgpackr/pack'
import { describe, expect, it } from 'vitest'
import { encode, numbers, texts } from './samples.ts'
import { messagePack } from '../../src/codec/message-pack.ts'
import { spawnSync } from 'node:child_process'

const codec = messagePack()
const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false })
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytesOf = (text: string): Buffer => Buffer.from(text, 'hex')

const OURS = {
  encode: (msg: unknown): Uint8Array => encode(msg),
  decode: (bytes: Uint8Array): unknown => codec.decode(bytes, 0, bytes.length),
}
/** With `useBigInt64` a bigint is an int64, and a large number a double. */
const MSGPACK = {
  encode: (msg: unknown): Uint8Array => msgpack.encode(msg, { useBigInt64: true }),
  decode: (bytes: Uint8Array): unknown =>
    msgpack.decode(new Uint8Array(bytes), { useBigInt64: true }),
}
const MSGPACKR = {
  encode: (msg: unknown): Uint8Array => packr.pack(msg),
  decode: (bytes: Uint8Array): unknown => unpackr.unpack(bytes as Buffer),
}

/** Messages of the types that every implementation has. */
const common = fc.letrec((tie) => ({
  msg: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false),
    numbers.filter((number) => !Object.is(number, -0)),
    texts,
    // No int64 and no number holds the first, no number the second.
    fc.bigInt({ min: 2n ** 63n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    fc.date({ noInvalidDate: true, max: new Date(2 ** 32 * 1_000 - 1) }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('msg'), { maxLength: 20 }),
    fc.dictionary(
      texts.filter((key) => key !== '__proto__'),
      tie('msg'),
      { maxKeys: 20, noNullPrototype: true },
    ),
  ),
})).msg

function outcome(run: () => unknown): unknown {
  try {
    return run()
  } catch {
    return 'refused'
  }
}

describe('the types that all implementations have', () => {
  it('have the same bytes', () => {
    fc.assert(
      fc.property(common, (msg) => {
        const bytes = hex(OURS.encode(msg))
        expect(hex(MSGPACK.encode(msg)), '@msgpack/msgpack').toBe(bytes)
        expect(hex(MSGPACKR.encode(msg)), 'msgpackr').toBe(bytes)
      }),
      { numRuns: 1_000 },
    )
  })

  it('are read alike', () => {
    fc.assert(
      fc.property(common, (msg) => {
        const bytes = OURS.encode(msg)
        expect(OURS.decode(bytes)).toStrictEqual(msg)
        expect(MSGPACK.decode(bytes)).toStrictEqual(msg)
      }),
    )
    const msg = { a: [null, true, -7, 1.5, 'é'], at: new Date(1_700_000_000_123), big: 2n ** 60n }
    expect(MSGPACKR.decode(Buffer.from(OURS.encode(msg)))).toEqual(msg)
  })

  it('@msgpack/msgpack without bigints writes integers that we read as numbers', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (number) => {
        expect(OURS.decode(msgpack.encode(number))).toBe(Object.is(number, -0) ? 0 : number)
      }),
    )
  })

  const python = spawnSync('python3', ['-c', 'import msgpack'])
  it.skipIf(python.status !== 0)('Python’s msgpack reads and writes the same', () => {
    const script =
      'import msgpack, sys; m = msgpack.unpackb(sys.stdin.buffer.read(), timestamp=3); ' +
      'assert m["t"].year == 2023; sys.stdout.buffer.write(msgpack.packb(m, datetime=True))'
    const msg = {
      a: [null, true, -7, 1.5, 'é', 2n ** 60n],
      b: Uint8Array.of(1),
      t: new Date(1.7e12),
    }
    const { stdout } = spawnSync('python3', ['-c', script], { input: encode(msg) })
    expect(OURS.decode(stdout)).toEqual(msg)
  })
})

/** Every message that is written differently: ours, `@msgpack/msgpack`, `msgpackr`. */
const WRITTEN: readonly [string, unknown, string, string, string][] = [
  ['-0 keeps its sign', -0, 'cb8000000000000000', '00', '00'],
  ['undefined stays undefined', undefined, 'd40000', 'c0', 'd40000'],
  ['a small bigint stays one', 5n, 'd7010000000000000005', 'cf0000000000000005', 'd3[0-9]{15}5'],
  [
    'a bigint of 54 to 63 bits',
    2n ** 53n,
    'cf0020000000000000',
    'cf0020000000000000',
    'd30020000000000000',
  ],
  ['a bigint beyond 64 bits', 2n ** 64n, 'refused', 'cf0{16}', 'refused'],
  [
    'a date after 2106',
    new Date(2 ** 32 * 1_000),
    'd7ff0000000100000000',
    'd7ff0000000100000000',
    'c70cff0{15}100000000',
  ],
  ['an invalid date', new Date(Number.NaN), 'd40200', 'c70cff0{24}', 'd4ffff'],
  ['a function', () => 1, 'refused', 'refused', 'd40000'],
  ['a Map', new Map([[1, 2]]), 'refused', '80', '810102'],
  ['a Set', new Set([1]), 'refused', '80', '9101'],
  [
    'a class instance',
    new (class Vote {
      a = 1
    })(),
    'refused',
    '81a16101',
    '81a16101',
  ],
  ['an Error', new Error('x'), 'refused', '80', '93a54572726f72a178d40000'],
  ['a RegExp', /x/, 'refused', '80', '92a178a0'],
  ['another typed array', new Float32Array([1]), 'refused', 'c4040000803f', 'c404[0-9a-f]{8}'],
  ['a boxed number', Object(5), 'refused', '80', '80'],
  ['a hole in an array', [1, , 3], 'refused', '9301c003', '9301d4000003'], // oxlint-disable-line no-sparse-arrays
  ['a lone surrogate', 'x\ud800', 'refused', 'a478eda080', 'a478eda080'],
  ['a symbol as key', { [Symbol('x')]: 1 }, 'refused', '80', '80'],
  ['an own __proto__', JSON.parse('{"__proto__":1}'), 'refused', '81a9.*', '81a9.*'],
  ['101 levels', nested(101), 'refused', 'refused', '(91){101}00'],
]

/** Every encoding that is read differently. */
const READ: readonly [string, string, unknown, unknown, unknown][] = [
  ['0xc1', 'c1', 'refused', 'refused', expect.anything()],
  ['an unknown extension', 'd40500', 'refused', expect.any(msgpack.ExtData), 'refused'],
  ['our undefined', 'd40000', undefined, expect.any(msgpack.ExtData), undefined],
  ['our small bigint', 'd7010000000000000005', 5n, expect.any(msgpack.ExtData), 'refused'],
  ['the key __proto__', '81a95f5f70726f746f5f5f80', 'refused', 'refused', { __proto_: {} }],
  ['text that is not UTF-8', 'a2c328', 'refused', expect.any(String), expect.any(String)],
  ['a surrogate in UTF-8', 'a3eda080', 'refused', expect.any(String), expect.any(String)],
  ['a key that is a number', '810101', 'refused', { 1: 1 }, { 1: 1 }],
  ['an int64 that a number can hold', 'd3ffffffffffffffff', -1, -1n, -1n],
  [
    'nanoseconds beyond a second',
    'd7ffffffffff00000000',
    'refused',
    expect.any(Date),
    expect.any(Date),
  ],
  [
    'a timestamp beyond all dates',
    'c70cff000000007fffffffffffffff',
    'refused',
    expect.any(Date),
    expect.any(Date),
  ],
  ['a RegExp of msgpackr', 'd4780092a178a0', 'refused', 'refused', /x/],
  ['a record of msgpackr', 'd4724091a16101', 'refused', 'refused', { a: 1 }],
  ['101 levels', `${'91'.repeat(101)}00`, 'refused', nested(101), nested(101)],
]

/** What all refuse to read. */
const REFUSED: readonly [string, string][] = [
  ['trailing bytes', '0102'],
  ['a truncated string', 'a561'],
  ['an array of 2³² − 1', 'ddffffffff'],
  ['a key that is an array', '819001'],
]

describe('differences', () => {
  it.each(WRITTEN)('in writing: %s', (_, msg, ours, other, third) => {
    const written = [OURS, MSGPACK, MSGPACKR].map((one) => outcome(() => hex(one.encode(msg))))
    for (const [index, expected] of [ours, other, third].entries()) {
      expect(written[index]).toMatch(new RegExp(`^${expected}$`))
    }
  })

  it.each(READ)('in reading: %s', (_, encoded, ours, other, third) => {
    const read = [OURS, MSGPACK, MSGPACKR].map((one) => outcome(() => one.decode(bytesOf(encoded))))
    expect(read).toEqual([ours, other, third])
  })

  it.each(REFUSED)('none in reading %s: all refuse it', (_, encoded) => {
    for (const one of [OURS, MSGPACK, MSGPACKR]) {
      expect(outcome(() => one.decode(bytesOf(encoded)))).toBe('refused')
    }
  })

  it('none in a key that stands twice: the last one counts', () => {
    for (const one of [OURS, MSGPACK, MSGPACKR]) {
      expect(one.decode(bytesOf('82a16101a16102'))).toEqual({ a: 2 })
    }
  })

  it('msgpackr keeps JavaScript’s own types only through extensions that we refuse', () => {
    const structured = new Packr({ structuredClone: true })
    for (const value of [new Set([1]), new Error('x'), new Float32Array([1])]) {
      expect(outcome(() => OURS.decode(structured.pack(value)))).toBe('refused')
    }
  })
})

function nested(levels: number): unknown {
  let value: unknown = 0
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

it('only ours returns -0, a small bigint and undefined as they were', () => {
  const msg = [-0, 5n, undefined]
  expect(OURS.decode(OURS.encode(msg))).toStrictEqual(msg)
  for (const one of [MSGPACK, MSGPACKR]) {
    expect(outcome(() => one.decode(one.encode(msg)))).not.toStrictEqual(msg)
  }
})
