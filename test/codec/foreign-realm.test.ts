/** Values of another realm travel: of `node:vm`, a rule engine, a function of Node-RED, jest. */
import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { fromJson, toJson } from '../../src/codec/json-message.ts'
import { NotEncodableError } from '../../src/ports/codec.ts'
import { messagePack } from '../../src/codec/message-pack.ts'
import { encode } from './samples.ts'

const context = createContext({})
const foreign = (source: string): unknown => runInContext(`(${source})`, context)
const codec = messagePack()

function travel(msg: unknown): unknown {
  const bytes = encode(msg)
  return codec.decode(bytes, 0, bytes.length)
}

const SAMPLES: readonly (readonly [string, string, unknown])[] = [
  ['an object', '{ topic: "door", n: 1 }', { topic: 'door', n: 1 }],
  ['an array', '[1, [2], "c"]', [1, [2], 'c']],
  ['a date', 'new Date(86_400_000)', new Date(86_400_000)],
  ['bytes', 'Uint8Array.of(1, 2, 255)', Uint8Array.of(1, 2, 255)],
  ['large bytes', 'new Uint8Array(100_000).fill(7)', new Uint8Array(100_000).fill(7)],
  [
    'all of them in each other',
    '{ topic: "door", payload: [1, new Date(0), { bytes: Uint8Array.of(1) }, null, undefined, 5n] }',
    {
      topic: 'door',
      payload: [1, new Date(0), { bytes: Uint8Array.of(1) }, null, undefined, 5n],
    },
  ],
]

describe('a value of another realm', () => {
  it.each(SAMPLES)('travels: %s', (_name, source, expected) => {
    expect(travel(foreign(source))).toEqual(expected)
    expect(travel({ inner: [foreign(source)] })).toEqual({ inner: [expected] })
  })

  it.each(SAMPLES)('becomes JSON without loss: %s', (_name, source, expected) => {
    const text = JSON.stringify(toJson(foreign(source)))
    expect(fromJson(JSON.parse(text))).toEqual(expected)
  })

  it('has no enumerable additions of its realm', () => {
    const polluted = createContext({})
    const msg: unknown = runInContext('Object.prototype.extra = 1; ({ a: 1 })', polluted)
    expect(travel(msg)).toEqual({ a: 1 })
  })

  it.each([
    ['a Map', 'new Map()', 'msg: cannot carry an instance of Map: send Object.fromEntries'],
    ['an Error', 'new Error("x")', 'an instance of Error: send { message: error.message }'],
    ['a class instance', 'new (class Vote {})()', 'an instance of Vote: send a plain object'],
    ['a class called Object', 'new (class Object {})()', 'an instance of Object'],
    ['a class called Date', 'new (class Date {})()', 'an instance of Date'],
    ['a class called Uint8Array', 'new (class Uint8Array {})()', 'an instance of Uint8Array'],
    ['a subclass of Date', 'new (class Day extends Date {})()', 'an instance of Day'],
    ['a subclass of Array', 'new (class List extends Array {})()', 'an instance of List'],
    ['an heir of an object', 'Object.create({ a: 1 })', 'an instance of Object'],
    ['an heir of Date', 'Object.create(Date.prototype)', 'an instance of Date'],
    ['other typed arrays', 'new Float64Array(1)', 'an instance of Float64Array'],
    ['a hole', '[1, , 2]', 'msg[1]: cannot carry a hole in an array'],
    ['a cycle', '(() => { const a = {}; a.a = a; return a })()', 'msg.a: cannot carry a cycle'],
    ['a symbol as key', '{ [Symbol("x")]: 1 }', 'msg: cannot carry a symbol as key'],
  ])('is refused with its path: %s', (_name, source, message) => {
    expect(() => encode(foreign(source))).toThrow(NotEncodableError)
    expect(() => encode(foreign(source))).toThrow(message)
  })
})
