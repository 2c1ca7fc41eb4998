/** Messages as JSON: every message comes back equal. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { encode, messages } from './samples.ts'
import { fromJson, toJson } from '../../src/codec/json-message.ts'

function roundTrip(msg: unknown): unknown {
  return fromJson(JSON.parse(JSON.stringify(toJson(msg))))
}

describe('messages as JSON', () => {
  it('come back with the same encoding', () => {
    fc.assert(
      fc.property(messages, (msg) => {
        expect(encode(roundTrip(msg))).toEqual(encode(msg))
      }),
    )
  })

  it.each([
    ['a bigint', 5n, { $bigint: '5' }],
    ['bytes', Uint8Array.of(0, 127, 128), { $bytes: 'AH+A' }],
    ['a date', new Date(0), { $date: new Date(0) }],
    ['an invalid date', new Date(NaN), { $date: null }],
    ['undefined', { a: undefined }, { a: { $undefined: true } }],
    ['a number that JSON lacks', [NaN, -0, -Infinity], ['NaN', '-0', '-Infinity'].map($number)],
    ['an object with the form of a tag', { $bigint: '5' }, { $object: { $bigint: '5' } }],
    [
      'an object with the form of an escaped one',
      { $object: { a: 1 } },
      { $object: { $object: { a: 1 } } },
    ],
  ])('%s', (_, msg, json) => {
    expect(toJson(msg)).toEqual(json)
    expect(roundTrip(msg)).toEqual(msg)
  })

  it.each([
    { $bigint: 'x' },
    { $bytes: 5 },
    { $undefined: 1 },
    { $number: '5' },
    { $object: 1 },
    { $other: '5' },
  ])('%j is an ordinary object', (json) => {
    expect(fromJson(json)).toEqual(json)
  })
})

function $number(text: string): object {
  return { $number: text }
}
