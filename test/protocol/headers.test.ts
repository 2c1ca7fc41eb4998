/** The encoding of headers, and of entries with them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EnvelopeHeaders } from '../../src/model/envelope.ts'
import {
  EntryCursor,
  headroom,
  isErrorReply,
  neededFeatures,
  readEntryHeader,
  writeEntryHeader,
} from '../../src/protocol/wire/entry.ts'
import type { EncodedEntry, EntryMeta } from '../../src/protocol/wire/entry.ts'
import { FEATURE } from '../../src/protocol/wire/features.ts'
import { MalformedFrame } from '../../src/protocol/wire/frame-bytes.ts'
import { decodeHeaders, encodeHeaders } from '../../src/protocol/wire/headers.ts'

const key = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((one) => one !== '__proto__')
const headers: fc.Arbitrary<EnvelopeHeaders> = fc.dictionary(
  key,
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  { minKeys: 1, maxKeys: 8, noNullPrototype: true },
)
const id = fc.maxSafeNat()

function encoded(value: unknown): Uint8Array {
  const bytes = encodeHeaders(value)
  if (!(bytes instanceof Uint8Array)) throw new Error(`not encoded: ${bytes}`)
  return bytes
}

function entryWith(meta: EntryMeta, body: Uint8Array): EncodedEntry {
  const start = headroom(meta.re, meta.headers)
  const memory = new Uint8Array(start + body.length)
  memory.set(body, start)
  writeEntryHeader(memory, 0, memory.length, meta)
  return { memory, start: 0, end: memory.length }
}

function cursorOn(entries: readonly EncodedEntry[]): EntryCursor {
  const bytes = Buffer.concat(entries.map(({ memory }) => memory))
  const range = { offset: 0, end: bytes.length, partIndex: 1, separateParts: 0 }
  return new EntryCursor({ parts: [bytes], ...range })
}

describe('headers', () => {
  it('are decoded as they were encoded, in their order', () => {
    fc.assert(
      fc.property(headers, (given) => {
        const bytes = encoded(given)
        const decoded = decodeHeaders(bytes, 2, bytes.length)
        expect(Object.entries(decoded)).toEqual(Object.entries(given))
        expect(bytes.length).toBe(2 + ((bytes[0] as number) << 8) + (bytes[1] as number))
      }),
    )
  })

  it('of any value are bytes, a problem, or none: encoding never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const result = encodeHeaders(value)
        const isResult = result === undefined || typeof result === 'string'
        expect(isResult || result instanceof Uint8Array).toBe(true)
      }),
    )
  })

  it('of any bytes are decoded, or malformed', () => {
    const prototype = Object.getOwnPropertyNames(Object.prototype)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const decoded = decodeHeaders(bytes, 0, bytes.length)
          expect(Object.values(decoded).every((text) => typeof text === 'string')).toBe(true)
          expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrame)
        }
      }),
    )
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype)
  })

  it('are refused beyond 32, and beyond 8 KiB, by both ends', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [n, '']))
    expect(encoded(many(32)).length).toBe(2 + 10 * 5 + 22 * 6)
    expect(encodeHeaders(many(33))).toBe('headers: 33, at most 32')
    const most = 'x'.repeat(8 * 1024 - 5)
    const bytes = encoded({ a: most })
    expect(bytes.length).toBe(2 + 8 * 1024)
    expect(decodeHeaders(bytes, 2, bytes.length)).toEqual({ a: most })
    expect(encodeHeaders({ a: `${most}x` })).toBe('headers: 8193 bytes, at most 8192')
    const tooLong = new Uint8Array(8 * 1024 + 1)
    expect(() => decodeHeaders(tooLong, 0, tooLong.length)).toThrow(MalformedFrame)
    const tooMany = new Uint8Array(4 * 33)
    expect(() => decodeHeaders(tooMany, 0, tooMany.length)).toThrow('more than 32 headers')
  })
})

describe('an entry with headers', () => {
  const content = fc.record({
    msgId: id,
    re: fc.option(id, { nil: undefined }),
    given: fc.option(headers, { nil: undefined }),
    isError: fc.boolean(),
    body: fc.uint8Array({ maxLength: 30 }),
  })

  it('is read as it was written, in any batch', () => {
    fc.assert(
      fc.property(fc.array(content, { minLength: 1, maxLength: 5 }), (contents) => {
        const entries = contents.map(({ msgId, re, given, isError, body }) =>
          entryWith({ msgId, re, headers: encodeHeaders(given) as Uint8Array, isError }, body),
        )
        const cursor = cursorOn(entries)
        const ahead = cursor.clone()
        for (const [index, { msgId, re, given, isError, body }] of contents.entries()) {
          const entry = entries[index] as EncodedEntry
          const optional = {
            ...(re === undefined ? {} : { re }),
            ...(given === undefined ? {} : { headers: given }),
          }
          expect(readEntryHeader(entry)).toEqual({ msgId, ...optional })
          expect(isErrorReply(entry)).toBe(isError)
          const needed =
            (given === undefined ? 0 : FEATURE.headers) | (isError ? FEATURE.errorReplies : 0)
          expect(neededFeatures(entry)).toBe(needed)
          for (const one of [cursor, ahead]) {
            one.next()
            expect(one).toMatchObject({ msgId, re, headers: given, isError })
            expect(Uint8Array.from(one.body.subarray(one.start, one.end))).toEqual(body)
          }
          cursor.copyBorrowed()
        }
        expect(() => cursor.next()).toThrow(MalformedFrame)
      }),
    )
  })

  it('is malformed where it is cut, and never read beyond its end', () => {
    fc.assert(
      fc.property(
        headers,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (given, at) => {
          const meta = { msgId: 1, re: 2, headers: encoded(given), isError: false }
          const { memory } = entryWith(meta, Uint8Array.of(192))
          const range = { offset: 0, end: Math.floor(at * memory.length), partIndex: 1 }
          const cursor = new EntryCursor({ parts: [memory], separateParts: 0, ...range })
          expect(() => cursor.next()).toThrow(MalformedFrame)
        },
      ),
    )
  })
})
