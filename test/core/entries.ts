/** Entries and frames, made by hand. */
import { type OutgoingRun, bytesInline, encodeBatch } from '../../src/core/wire/batch.ts'
import { type Slice, hasOwnPart, headroom, writeEntryHeader } from '../../src/core/wire/entry.ts'

/** An entry with this body. */
export function entryWith(body: ArrayLike<number>, msgId = 1, re?: number): Slice {
  const memory = new Uint8Array(headroom(re) + body.length)
  memory.set(body, headroom(re))
  writeEntryHeader(memory, 0, memory.length, msgId, re)
  return { memory, start: 0, end: memory.length }
}

/** A run: what a test does not care about is 1, or 0. */
export function runOf(
  entries: readonly Slice[],
  header: Partial<
    Pick<OutgoingRun, 'pid' | 'epoch' | 'toEpoch' | 'settled' | 'first' | 'urgent'>
  > = {},
): OutgoingRun {
  const inline = entries.reduce((bytes, entry) => bytes + bytesInline(entry), 0)
  const ownParts = entries.filter(hasOwnPart).length
  const usual = { pid: 1, epoch: 1, toEpoch: 1, settled: 0, first: 1, urgent: true }
  return { ...usual, ...header, entries, inline, ownParts }
}

/** A DATA frame of one run. */
export function batchOf(...run: Parameters<typeof runOf>): Uint8Array[] {
  return encodeBatch([runOf(...run)])
}
