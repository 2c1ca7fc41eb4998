/** Z85: the example of its specification, and every text that is accepted is canonical. */
import { decodeZ85, encodeZ85 } from '../../src/base/z85.ts'
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'

const groups = fc
  .integer({ min: 0, max: 10 })
  .chain((count) => fc.uint8Array({ minLength: count * 4, maxLength: count * 4 }))

describe('Z85', () => {
  it('writes the example of RFC 32 of ZeroMQ', () => {
    const bytes = Uint8Array.from([0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b])
    expect(encodeZ85(bytes)).toBe('HelloWorld')
    expect(decodeZ85('HelloWorld')).toEqual(bytes)
  })

  it('returns the bytes that were written, also of a window onto a larger buffer', () => {
    fc.assert(
      fc.property(groups, (bytes) => {
        const shifted = new Uint8Array(bytes.length + 1)
        shifted.set(bytes, 1)
        const text = encodeZ85(shifted.subarray(1))
        expect(text).toHaveLength((bytes.length / 4) * 5)
        expect(decodeZ85(text)).toEqual(bytes)
      }),
    )
  })

  it('accepts no second text for the same bytes', () => {
    const text = fc.string({ minLength: 5, maxLength: 5, unit: 'grapheme-ascii' })
    fc.assert(
      fc.property(text, (group) => {
        const bytes = decodeZ85(group)
        if (bytes !== undefined) expect(encodeZ85(bytes)).toBe(group)
      }),
    )
  })

  it.each([
    ['a length that is no multiple of 5', 'Hello!'],
    ['a character of another alphabet', 'Hell~'],
    ['more than four bytes', '#####'],
    ['the first number beyond four bytes', '%nSc1'],
  ])('refuses %s', (_, text) => {
    expect(decodeZ85(text)).toBeUndefined()
  })

  it('accepts the largest number of four bytes', () => {
    expect(decodeZ85('%nSc0')).toEqual(Uint8Array.from([255, 255, 255, 255]))
  })
})
