/** Encoding and decoding of frames; bytes that are not a frame. */
import type { Incarnation } from '../../src/model/envelope.ts'
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { WIRE_REFUSALS, REJECTION_REASONS, type WireFrame } from '../../src/protocol/wire/frames.ts'
import { type ControlFrame, encodeFrame } from '../../src/protocol/wire/encode-frame.ts'
import {
  EntryCursor,
  SEPARATE_PART_BYTES,
  type EncodedEntry,
} from '../../src/protocol/wire/entry.ts'
import { MalformedFrame } from '../../src/protocol/wire/frame-bytes.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { dataFrameOf, entryWith, batchOf } from './entries.ts'
import { encodeDataFrame } from '../../src/protocol/wire/data-frame.ts'

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const pid = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const u64 = fc.maxSafeNat()
const text = fc.string({ maxLength: 50, unit: 'grapheme' })
const incarnation = fc.stringMatching(/^[0-9a-f]{16}$/) as fc.Arbitrary<Incarnation>
const offer = { pid, incarnation, epoch: u32, settled: u64 }
const offers = fc.array(fc.record(offer), {
  maxLength: 5,
})
const rejection = fc.record({
  sequence: u64,
  reason: fc.constantFrom(...REJECTION_REASONS),
  detail: text,
})
const report = fc.record({
  pid,
  epoch: u32,
  toEpoch: u32,
  settled: u64,
  received: u64,
  credit: u32,
  replyCredit: u32,
  gap: fc.boolean(),
  rejections: fc.array(rejection, { maxLength: 3 }),
})
const sessions = fc.array(report, { maxLength: 4 })
const final = fc.record({ incarnation, epoch: u32, toEpoch: u32, settled: u64 })
const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })
const provenOffer = fc.record({ ...offer, publicKey: bytes(32), mac: bytes(32) })
const type = <T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name)

const control: fc.Arbitrary<ControlFrame> = fc.oneof(
  fc.record({
    type: type('hello'),
    version: fc.constant(2),
    nonce: u64,
    cluster: text,
    to: pid,
    features: u32,
    endpoint: text,
    keyed: fc.boolean(),
    offers,
  }),
  fc.record({ type: type('join'), nonce: u64, offers }),
  fc.record({
    type: type('challenge'),
    nonce: u64,
    pid,
    incarnation,
    publicKey: bytes(32),
    challenge: bytes(16),
  }),
  fc.record({ type: type('proof'), nonce: u64, offers: fc.array(provenOffer, { maxLength: 4 }) }),
  fc.record({
    type: type('leave'),
    ended: fc.array(fc.record({ pid, epoch: u32 }), { maxLength: 4 }),
  }),
  fc.record({
    type: type('welcome'),
    nonce: u64,
    pid,
    incarnation,
    features: u32,
    maxMessageBytes: u32,
    maxMessageValues: u32,
    sessions,
  }),
  fc.record(
    {
      type: type('refused'),
      nonce: u64,
      pids: fc.array(pid, { maxLength: 3 }),
      reason: fc.constantFrom(...WIRE_REFUSALS.filter((one) => one !== 'wrong-version')),
      detail: text,
      truePid: pid,
      final,
    },
    { requiredKeys: ['type', 'nonce', 'pids', 'reason', 'detail'] },
  ),
  fc.record({ type: type('ack'), sessions }),
  fc.record({ type: type('ping'), token: u64, requestsReports: fc.boolean() }),
  fc.record({ type: type('pong'), token: u64 }),
  fc.record({ type: type('bye'), sessions }),
)

const envelope = fc.record(
  { msgId: u64, re: u64, body: fc.uint8Array({ maxLength: 40 }) },
  { requiredKeys: ['msgId', 'body'] },
)

function entry({
  msgId,
  re,
  body,
}: {
  msgId: number
  re?: number
  body: Uint8Array
}): EncodedEntry {
  return entryWith(body, msgId, re)
}

describe('control frames', () => {
  it('are decoded to what was encoded', () => {
    fc.assert(
      fc.property(control, (frame) => {
        expect(decodeFrame([encodeFrame(frame)])).toEqual(frame)
      }),
    )
  })

  it('are malformed with missing bytes, and all but HELLO and WELCOME with additional ones', () => {
    fc.assert(
      fc.property(control, fc.nat(), (frame, cut) => {
        const bytes = encodeFrame(frame)
        expect(() => decodeFrame([bytes.subarray(0, cut % bytes.length)])).toThrow(MalformedFrame)
        const longer = [Uint8Array.from([...bytes, 0])]
        // Later features add fields to HELLO and WELCOME.
        if (frame.type !== 'hello' && frame.type !== 'welcome') {
          expect(() => decodeFrame(longer)).toThrow(MalformedFrame)
        } else expect(decodeFrame(longer)).toEqual(frame)
      }),
    )
  })

  it('name at most 1,024 nodes, and pids up to 2^31 - 1', () => {
    const offer = { pid: 2 ** 31 - 1, incarnation: 'aaaaaaaaaaaaaaaa', epoch: 1, settled: 0 }
    const join = (count: number, pid: number): WireFrame =>
      decodeFrame([
        encodeFrame({
          type: 'join',
          nonce: 1,
          offers: Array.from({ length: count }, () => ({ ...offer, pid }) as never),
        }),
      ])
    expect(join(1_024, 2 ** 31 - 1)).toMatchObject({ type: 'join' })
    expect(() => join(1_025, 1)).toThrow(MalformedFrame)
    expect(() => join(1, 2 ** 31)).toThrow(MalformedFrame)
    // The count is a u16, also in JOIN and LEAVE.
    const leave = encodeFrame({ type: 'leave', ended: [{ pid: 1, epoch: 2 }] })
    expect([...leave]).toEqual([3, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2])
  })

  it('keep a byte order mark in a text', () => {
    const fields = { version: 2, nonce: 1, to: 2, features: 0, endpoint: '', keyed: false } as const
    const named = { type: 'hello', ...fields, cluster: '\uFEFFa', offers: [] } as const
    expect(decodeFrame([encodeFrame(named)])).toMatchObject({ cluster: '\uFEFFa' })
  })

  it('refuse another version with the bytes that every version understands', () => {
    const refused = { type: 'refused', nonce: 0, pids: [], reason: 'wrong-version' } as const
    const bytes = encodeFrame({ ...refused, nonce: 9, pids: [3], detail: 'no' })
    // nonce 0, all nodes, reason 1, a text, no final position
    const everyVersion = [5, ...Array(8).fill(0), 255, 255, 255, 255, 1, 0, 2, 110, 111, 0]
    expect([...bytes]).toEqual(everyVersion)
    expect(decodeFrame([bytes])).toEqual({ ...refused, detail: 'no' })
    for (const at of [9, 10, 13]) {
      const other = Uint8Array.from(bytes)
      other[at] = 0xfe
      expect(() => decodeFrame([other])).toThrow(MalformedFrame)
    }
  })

  it('have a version that can be decoded in every HELLO', () => {
    const hello = Uint8Array.from([1, 0, 7, 1, 2, 3])
    expect(decodeFrame([hello])).toMatchObject({ type: 'hello', version: 7 })
  })
})

describe('arbitrary bytes', () => {
  it('are decoded or throw MalformedFrame', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.integer({ min: 0, max: 12 }), fc.uint8Array({ maxLength: 80 }))
        .map(([first, rest]) => Uint8Array.from([first, ...rest])),
    )
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 3 }), (parts) => {
        let frame: WireFrame
        try {
          frame = decodeFrame(parts)
          if (frame.type !== 'data') return
          for (const batch of frame.batches) {
            const cursor = new EntryCursor(batch)
            for (let left = batch.count; left > 0; left--) cursor.next()
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrame)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('that announce more entries than they can hold are malformed', () => {
    const [head] = dataFrameOf([entryWith([0, 0, 0])])
    const bytes = Uint8Array.from(head as Uint8Array)
    bytes[29] = 255
    expect(() => decodeFrame([bytes])).toThrow(/4278190081 entries in 16 bytes/)
  })
})

describe('DATA', () => {
  it('keeps small and large entries in order', () => {
    const large = fc
      .integer({ min: SEPARATE_PART_BYTES, max: SEPARATE_PART_BYTES + 9 })
      .map((size) => ({
        msgId: size,
        body: new Uint8Array(size).fill(size & 255),
      }))
    const many = fc.array(fc.oneof({ weight: 5, arbitrary: envelope }, large), {
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(many, pid, u32, u64, (envelopes, from, epoch, settled) => {
        fc.pre(settled < Number.MAX_SAFE_INTEGER)
        const header = { pid: from, epoch, toEpoch: 7, settled, first: settled + 1 }
        const parts = dataFrameOf(envelopes.map(entry), header)
        const frame = decodeFrame(parts)
        expect(frame).toMatchObject({ type: 'data', batches: [header] })
        if (frame.type !== 'data') return
        const cursor = new EntryCursor(frame.batches[0]!)
        const back = envelopes.map(() => {
          cursor.next()
          const body = Uint8Array.from(cursor.body.subarray(cursor.start, cursor.end))
          return cursor.re === undefined
            ? { msgId: cursor.msgId, body }
            : { msgId: cursor.msgId, re: cursor.re, body }
        })
        const plain = (all: { msgId: number; re?: number; body: Uint8Array }[]): unknown[] =>
          all.map((one) => ({ ...one, body: Buffer.from(one.body).toString('latin1') }))
        expect(plain(back)).toEqual(plain(envelopes))
        const separate = envelopes.filter(({ body }) => body.length >= SEPARATE_PART_BYTES).length
        expect(parts.length).toBe(1 + separate)
      }),
    )
  })

  it('keeps batches of several sessions, each with its separate parts', () => {
    const body = fc.oneof(
      { weight: 3, arbitrary: fc.uint8Array({ maxLength: 40 }) },
      fc
        .integer({ min: 1, max: 255 })
        .map((byte) => new Uint8Array(SEPARATE_PART_BYTES).fill(byte)),
    )
    const bodies = fc.array(fc.array(body, { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(bodies, (batches) => {
        const parts = encodeDataFrame(
          batches.map((all, pid) =>
            batchOf(
              all.map((one, index) => entryWith(one, index)),
              { pid },
            ),
          ),
        )
        const frame = decodeFrame(parts)
        if (frame.type !== 'data') throw new Error('not a DATA frame')
        expect(frame.batches.map((batch) => [batch.pid, batch.count])).toEqual(
          batches.map((all, pid) => [pid, all.length]),
        )
        for (const [index, batch] of frame.batches.entries()) {
          const cursor = new EntryCursor(batch)
          // The copy must contain the entries of this batch only.
          if (index % 2 === 1) cursor.copyBorrowed()
          for (const one of batches[index]!) {
            cursor.next()
            const got = cursor.body.subarray(cursor.start, cursor.end)
            expect(Buffer.compare(got, one)).toBe(0)
          }
          expect(() => cursor.next()).toThrow(MalformedFrame)
        }
      }),
    )
  })

  it('is malformed as a whole where one of its batches is', () => {
    const good = batchOf([entryWith([1])], { first: 5, settled: 4 })
    const bad = batchOf([entryWith([1])], { first: 4, settled: 4 })
    expect(() => decodeFrame(encodeDataFrame([good, bad]))).toThrow(/expected first > settled/)
  })

  it('with a missing part is malformed', () => {
    const parts = dataFrameOf([entryWith(new Uint8Array(SEPARATE_PART_BYTES))])
    expect(() => decodeFrame(parts.slice(0, 1))).toThrow(
      /1 separate bodies of 1 entries in 1 parts/,
    )
  })
})
