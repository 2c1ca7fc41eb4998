/** Batches in one frame: each reads only its own bytes and parts. */
import { describe, expect, it } from 'vitest'
import { EntryCursor } from '../../src/protocol/wire/entry.ts'
import type { DataFrame } from '../../src/protocol/wire/frames.ts'
import { MalformedFrame } from '../../src/protocol/wire/frame-bytes.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { BATCH_HEADER_BYTES, encodeDataFrame } from '../../src/protocol/wire/data-frame.ts'
import { entryWith, batchOf } from '../protocol/entries.ts'

const large = (byte: number): ReturnType<typeof entryWith> =>
  entryWith(new Uint8Array(40_000).fill(byte), byte)
const small = (byte: number): ReturnType<typeof entryWith> => entryWith([byte], byte)
const batchesOf = (parts: readonly Uint8Array[]): DataFrame['batches'] =>
  (decodeFrame(parts) as DataFrame).batches

function bodies(batch: DataFrame['batches'][number], copied: boolean): [number, number, number][] {
  const cursor = new EntryCursor(batch)
  const found: [number, number, number][] = []
  if (copied) cursor.copyBorrowed()
  for (let left = batch.count; left > 0; left--) {
    cursor.next()
    found.push([cursor.msgId, cursor.body[cursor.start]!, cursor.end - cursor.start])
  }
  return found
}

describe('batches in one frame', () => {
  const frame = encodeDataFrame([
    batchOf([small(1), large(2), small(3)], { pid: 1 }),
    batchOf([large(4), large(5)], { pid: 2 }),
    batchOf([small(6)], { pid: 3 }),
    batchOf([small(7), large(8)], { pid: 4 }),
  ])

  it.each([false, true])('find their own parts, kept %s', (copied) => {
    const found = batchesOf(frame).map((batch) => bodies(batch, copied))
    expect(found).toEqual([
      [
        [1, 1, 1],
        [2, 2, 40_000],
        [3, 3, 1],
      ],
      [
        [4, 4, 40_000],
        [5, 5, 40_000],
      ],
      [[6, 6, 1]],
      [
        [7, 7, 1],
        [8, 8, 40_000],
      ],
    ])
  })

  it('do not read the parts of other batches', () => {
    const [head, ...parts] = encodeDataFrame([
      batchOf([large(2)], { pid: 1 }),
      batchOf([large(4)], { pid: 2 }),
    ]) as [Buffer, ...Uint8Array[]]
    // The first batch declares no separate part, and the second declares both.
    head.writeUInt32BE(0, 1 + 36)
    head.writeUInt32BE(1, 1 + BATCH_HEADER_BYTES + 13 + 36)
    const [first] = batchesOf([head, parts[0]!])
    for (const copied of [false, true]) expect(() => bodies(first!, copied)).toThrow(MalformedFrame)
  })

  it('do not read beyond their bytes', () => {
    const [head] = encodeDataFrame([
      batchOf([small(1)], { pid: 1 }),
      batchOf([small(2), small(3)], { pid: 2 }),
    ]) as [Buffer]
    // The entry of the first batch is longer than the batch.
    head.writeUInt32BE(20, 1 + 40)
    expect(() => bodies(batchesOf([head])[0]!, false)).toThrow(MalformedFrame)
    const [other] = encodeDataFrame([
      batchOf([small(1), small(2)], { pid: 1 }),
      batchOf([small(3)], { pid: 2 }),
    ]) as [Buffer]
    // The first entry contains all bytes of the second one.
    other.writeUInt32BE(15, 1 + 40)
    expect(() => bodies(batchesOf([other])[0]!, false)).toThrow(MalformedFrame)
  })

  it('are rejected when their lengths contradict each other', () => {
    const [head, ...parts] = frame as [Buffer, ...Uint8Array[]]
    expect(() => decodeFrame([head, ...parts, new Uint8Array(1)])).toThrow(MalformedFrame)
    expect(() => decodeFrame([head, ...parts.slice(1)])).toThrow(MalformedFrame)
    const few = Buffer.from(encodeDataFrame([batchOf([small(1)])])[0]!)
    few.writeUInt32BE(2, 1 + 36)
    expect(() => decodeFrame([few, new Uint8Array(1), new Uint8Array(1)])).toThrow(MalformedFrame)
    const many = encodeDataFrame(Array.from({ length: 4_097 }, () => batchOf([small(1)])))
    expect(() => decodeFrame(many)).toThrow(MalformedFrame)
    expect(
      batchesOf(encodeDataFrame(Array.from({ length: 4_096 }, () => batchOf([small(1)])))),
    ).toHaveLength(4_096)
  })
})
