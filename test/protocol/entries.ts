/** Builders of entries, batches and DATA frames for tests. */
import {
  type OutgoingBatch,
  inlineBytes,
  encodeDataFrame,
} from '../../src/protocol/wire/data-frame.ts'
import {
  type EncodedEntry,
  hasSeparatePart,
  headroom,
  writeEntryHeader,
} from '../../src/protocol/wire/entry.ts'

/** Encodes an entry with this body. */
export function entryWith(
  body: ArrayLike<number>,
  msgId = 1,
  re?: number,
  isError = false,
): EncodedEntry {
  const memory = new Uint8Array(headroom(re, undefined) + body.length)
  memory.set(body, headroom(re, undefined))
  const meta = { msgId, re, headers: undefined, isError }
  writeEntryHeader(memory, 0, memory.length, meta)
  return { memory, start: 0, end: memory.length }
}

/** Creates a batch; header fields default to 1 or 0. */
export function batchOf(
  entries: readonly EncodedEntry[],
  header: Partial<
    Pick<OutgoingBatch, 'pid' | 'epoch' | 'toEpoch' | 'settled' | 'first' | 'urgent'>
  > = {},
): OutgoingBatch {
  const inlineSize = entries.reduce((bytes, entry) => bytes + inlineBytes(entry), 0)
  const separateParts = entries.filter(hasSeparatePart).length
  const defaults = { pid: 1, epoch: 1, toEpoch: 1, settled: 0, first: 1, urgent: true }
  return { ...defaults, ...header, entries, inlineSize, separateParts }
}

/** Encodes a DATA frame with one batch. */
export function dataFrameOf(...batch: Parameters<typeof batchOf>): Uint8Array[] {
  return encodeDataFrame([batchOf(...batch)])
}
