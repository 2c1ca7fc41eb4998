/** Runs in one frame, and whose parts are whose. */
import { describe, expect, it } from 'vitest'
import { EntryCursor } from '../../src/core/wire/entry.ts'
import type { DataFrame } from '../../src/core/wire/frames.ts'
import { Unreadable } from '../../src/core/wire/bytes.ts'
import { decodeFrame } from '../../src/core/wire/decode-frame.ts'
import { RUN_HEADER_BYTES, encodeBatch } from '../../src/core/wire/batch.ts'
import { entryWith, runOf } from '../core/entries.ts'

const large = (byte: number): ReturnType<typeof entryWith> =>
  entryWith(new Uint8Array(40_000).fill(byte), byte)
const small = (byte: number): ReturnType<typeof entryWith> => entryWith([byte], byte)
const runsOf = (parts: readonly Uint8Array[]): DataFrame['runs'] =>
  (decodeFrame(parts) as DataFrame).runs

function bodies(run: DataFrame['runs'][number], keep: boolean): [number, number, number][] {
  const cursor = new EntryCursor(run)
  const found: [number, number, number][] = []
  if (keep) cursor.keep()
  for (let left = run.count; left > 0; left--) {
    cursor.next()
    found.push([cursor.msgId, cursor.body[cursor.start]!, cursor.end - cursor.start])
  }
  return found
}

describe('runs in one frame', () => {
  const frame = encodeBatch([
    runOf([small(1), large(2), small(3)], { pid: 1 }),
    runOf([large(4), large(5)], { pid: 2 }),
    runOf([small(6)], { pid: 3 }),
    runOf([small(7), large(8)], { pid: 4 }),
  ])

  it.each([false, true])('find their own parts, kept %s', (keep) => {
    const found = runsOf(frame).map((run) => bodies(run, keep))
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

  it('do not reach into those of others', () => {
    const [head, ...parts] = encodeBatch([
      runOf([large(2)], { pid: 1 }),
      runOf([large(4)], { pid: 2 }),
    ]) as [Buffer, ...Uint8Array[]]
    // The first run says that it has no part, the second one that it has both.
    head.writeUInt32BE(0, 1 + 36)
    head.writeUInt32BE(1, 1 + RUN_HEADER_BYTES + 13 + 36)
    const [first] = runsOf([head, parts[0]!])
    for (const keep of [false, true]) expect(() => bodies(first!, keep)).toThrow(Unreadable)
  })

  it('do not read beyond their bytes', () => {
    const [head] = encodeBatch([
      runOf([small(1)], { pid: 1 }),
      runOf([small(2), small(3)], { pid: 2 }),
    ]) as [Buffer]
    // The entry of the first run is longer than the run.
    head.writeUInt32BE(20, 1 + 40)
    expect(() => bodies(runsOf([head])[0]!, false)).toThrow(Unreadable)
    const [other] = encodeBatch([
      runOf([small(1), small(2)], { pid: 1 }),
      runOf([small(3)], { pid: 2 }),
    ]) as [Buffer]
    // The first entry takes all that the second one has.
    other.writeUInt32BE(15, 1 + 40)
    expect(() => bodies(runsOf([other])[0]!, false)).toThrow(Unreadable)
  })

  it('and frames that are not what they say are none', () => {
    const [head, ...parts] = frame as [Buffer, ...Uint8Array[]]
    expect(() => decodeFrame([head, ...parts, new Uint8Array(1)])).toThrow(Unreadable)
    expect(() => decodeFrame([head, ...parts.slice(1)])).toThrow(Unreadable)
    const few = Buffer.from(encodeBatch([runOf([small(1)])])[0]!)
    few.writeUInt32BE(2, 1 + 36)
    expect(() => decodeFrame([few, new Uint8Array(1), new Uint8Array(1)])).toThrow(Unreadable)
    const many = encodeBatch(Array.from({ length: 4_097 }, () => runOf([small(1)])))
    expect(() => decodeFrame(many)).toThrow(Unreadable)
    expect(
      runsOf(encodeBatch(Array.from({ length: 4_096 }, () => runOf([small(1)])))),
    ).toHaveLength(4_096)
  })
})
