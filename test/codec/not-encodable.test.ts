/** Values that cannot be encoded are refused with their path. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NotEncodableError } from '../../src/ports/codec.ts'
import { messagePack } from '../../src/codec/message-pack.ts'
import { encode } from './samples.ts'

const codec = messagePack()

function notEncodableError(msg: unknown): NotEncodableError {
  try {
    encode(msg, 13)
  } catch (error) {
    if (error instanceof NotEncodableError) return error
    throw error
  }
  throw new Error('the message was encoded')
}

class Vote {
  term = 1
}

const cycle: { name: string; list: unknown[] } = { name: 'a', list: [1] }
cycle.list.push({ back: cycle })

function deep(levels: number): unknown {
  let value: unknown = 0
  for (let level = 0; level < levels; level++) value = { a: value }
  return value
}

describe('refused with its path', () => {
  it.each<[string, unknown, string]>([
    ['a function', { a: [1, () => 1] }, 'msg.a[1]: cannot carry a function'],
    ['a symbol', [Symbol('x')], 'msg[0]: cannot carry a symbol'],
    ['a Map', { votes: new Map() }, 'msg.votes: cannot carry an instance of Map'],
    ['a Set', new Set(), 'msg: cannot carry an instance of Set'],
    [
      'a class instance',
      { 'the vote': new Vote() },
      'msg["the vote"]: cannot carry an instance of Vote',
    ],
    ['an Error', new Error('x'), 'msg: cannot carry an instance of Error'],
    ['a RegExp', /x/, 'msg: cannot carry an instance of RegExp'],
    ['a Promise', Promise.resolve(), 'msg: cannot carry an instance of Promise'],
    ['other typed arrays', new Float64Array(2), 'msg: cannot carry an instance of Float64Array'],
    [
      'clamped bytes',
      new Uint8ClampedArray(2),
      'msg: cannot carry an instance of Uint8ClampedArray',
    ],
    ['an ArrayBuffer', new ArrayBuffer(2), 'msg: cannot carry an instance of ArrayBuffer'],
    ['a boxed number', Object(5), 'msg: cannot carry an instance of Number'],
    ['an inheriting object', Object.create({ a: 1 }), 'msg: cannot carry an instance of Object'],
    [
      'a subclass of Array',
      new (class List extends Array {})(),
      'msg: cannot carry an instance of List',
    ],
    [
      'a subclass of Date',
      new (class Day extends Date {})(),
      'msg: cannot carry an instance of Day',
    ],
    [
      'an heir of Date',
      Object.create(Date.prototype),
      'msg: cannot carry a value that cannot be read (TypeError',
    ],
    ['a large bigint', [0, 2n ** 64n], 'msg[1]: cannot carry a bigint beyond 64 bits'],
    ['a small bigint', -(2n ** 63n) - 1n, 'msg: cannot carry a bigint beyond 64 bits'],
    ['a lone surrogate', { a: 'x\ud800' }, 'msg.a: cannot carry a lone surrogate'],
    ['one in a key', { 'x\udc00': 1 }, 'msg["x\\udc00"]: cannot carry a lone surrogate'],
    [
      'an own __proto__',
      JSON.parse('{"a":{"__proto__":1}}'),
      'msg.a.__proto__: cannot carry a key of this name',
    ],
    ['a symbol as key', { a: { [Symbol('x')]: 1 } }, 'msg.a: cannot carry a symbol as key'],
    ['a hole', [1, , 3], 'msg[1]: cannot carry a hole in an array'], // oxlint-disable-line no-sparse-arrays
    ['a cycle', cycle, 'msg.list[1].back: cannot carry a cycle'],
    ['too deep', deep(101), 'msg: cannot carry more than 100 levels of arrays and objects'],
  ])('%s', (_, msg, message) => {
    expect(notEncodableError(msg).message).toContain(message)
    expect(message.startsWith(`${notEncodableError(msg).path}: `)).toBe(true)
  })

  it('more keys and values than maxMessageValues, by the path of the container', () => {
    const five = messagePack({ maxMessageValues: 5 })
    expect(five.encode({ a: 1, b: [] }, 0).values).toBe(5)
    expect(five.encode(new Uint8Array(100), 0).values).toBe(1)
    for (const [msg, path] of [
      [{ a: 1, b: [1] }, 'msg.b'],
      [[1, 2, 3, 4, 5], 'msg'],
      [[{}, [], { a: { b: 1 } }], 'msg[2]'],
    ] as const) {
      expect(() => five.encode(msg, 0)).toThrow(
        `${path}: cannot carry more than 5 keys and values in all (maxMessageValues)`,
      )
      expect(() => five.encode(msg, 0)).toThrow(expect.objectContaining({ reason: 'too-complex' }))
    }
    expect(notEncodableError([() => 1]).reason).toBe('not-encodable')
  })

  it('names the path of a getter or a proxy that throws', () => {
    const thrower = {
      a: {
        get b(): never {
          throw new Error('no b')
        },
      },
    }
    expect(notEncodableError(thrower).message).toBe(
      'msg.a.b: cannot carry a value that cannot be read (Error: no b)',
    )
    const proxy = new Proxy({}, { ownKeys: () => expect.unreachable('no keys') })
    expect(notEncodableError([0, proxy]).path).toBe('msg[1]')
  })

  it('reads a getter once; one that changes its value does no damage', () => {
    let reads = 0
    const fickle = (first: unknown, later: unknown): object =>
      Object.defineProperty({}, 'a', {
        enumerable: true,
        get: () => (++reads === 1 ? first : later),
      })
    encode(fickle(1, Symbol('now')))
    expect(reads).toBe(1)
    reads = 0
    const expectedMessage = /^msg: cannot carry a value that cannot be written/
    expect(notEncodableError(fickle(Symbol('now'), 1)).message).toMatch(expectedMessage)
    expect(codec.decode(encode({ a: 1 }, 0), 0, 4)).toEqual({ a: 1 })
  })

  it('stops early at exponentially many shared references', () => {
    let value: unknown = []
    for (let level = 0; level < 60; level++) value = [value, value]
    expect(notEncodableError(value).message).toMatch(
      /more than 65536 keys and values in all \(maxMessageValues\)$/,
    )
  })
})

it('any value comes back equal, or is refused', () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withObjectString: true,
    stringUnit: 'binary',
  })
  fc.assert(
    fc.property(anything, (msg) => {
      let bytes
      try {
        bytes = encode(msg, 0)
      } catch (error) {
        expect(error).toBeInstanceOf(NotEncodableError)
        return
      }
      expect(codec.decode(bytes, 0, bytes.length)).toStrictEqual(msg)
    }),
    { numRuns: 1_000 },
  )
})

it('a getter may encode another message', () => {
  const outer = {
    z: -0,
    get inner() {
      return Buffer.from(encode([1, 'x'], 0)).toString('hex')
    },
    last: 5n,
  }
  const bytes = encode(outer, 0)
  expect(codec.decode(bytes, 0, bytes.length)).toStrictEqual({ z: -0, inner: '9201a178', last: 5n })
})
