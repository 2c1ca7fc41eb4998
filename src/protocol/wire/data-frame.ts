/** Encodes batches of entries as a DATA frame. */
import { type EncodedEntry, bodyStart, hasSeparatePart, sizeOf } from './entry.ts'
import { FRAME_TYPE } from './frames.ts'
import type { Pid } from '../../model/pid.ts'

/** The type of the frame, in front of its batches. */
export const DATA_HEADER_BYTES = 1
/** The header of a batch, in front of its entries. */
export const BATCH_HEADER_BYTES = 41
const TWO_32 = 2 ** 32

/** Consecutive entries of one session, to be encoded. */
export interface OutgoingBatch {
  readonly pid: Pid
  readonly epoch: number
  readonly toEpoch: number
  readonly settled: number
  /** The sequence number of the first entry. */
  readonly first: number
  /** At least one. */
  readonly entries: readonly EncodedEntry[]
  /** Σ inlineBytes(entry) */
  readonly inlineSize: number
  /** The number of entries whose bodies are separate parts. */
  readonly separateParts: number
  /** Whether the acknowledgement must not be delayed. */
  readonly urgent: boolean
}

/** Returns the bytes of an entry in the first part of its frame. */
export function inlineBytes(entry: EncodedEntry): number {
  return hasSeparatePart(entry) ? bodyStart(entry) - entry.start : sizeOf(entry)
}

/**
 * Encodes batches as one DATA frame. Small entries are copied into its first part, because a send
 * costs per part; large bodies become separate parts without copying.
 *
 * @param batches at least one; batches of the same session in order
 */
export function encodeDataFrame(batches: readonly OutgoingBatch[]): Uint8Array[] {
  let size = DATA_HEADER_BYTES
  for (const batch of batches) size += BATCH_HEADER_BYTES + batch.inlineSize
  const head = Buffer.allocUnsafe(size)
  const parts: Uint8Array[] = [head]
  head[0] = FRAME_TYPE.data
  let offset = DATA_HEADER_BYTES
  for (const batch of batches) {
    writeBatchHeader(head, offset, batch)
    offset = writeEntries(head, offset + BATCH_HEADER_BYTES, batch, parts)
  }
  return parts
}

function writeBatchHeader(head: Buffer, offset: number, batch: OutgoingBatch): void {
  head.writeUInt32BE(batch.pid, offset)
  head.writeUInt32BE(batch.epoch, offset + 4)
  head.writeUInt32BE(batch.toEpoch, offset + 8)
  head.writeUInt32BE(Math.floor(batch.settled / TWO_32), offset + 12)
  head.writeUInt32BE(batch.settled % TWO_32, offset + 16)
  head.writeUInt32BE(Math.floor(batch.first / TWO_32), offset + 20)
  head.writeUInt32BE(batch.first % TWO_32, offset + 24)
  head.writeUInt32BE(batch.entries.length, offset + 28)
  head.writeUInt32BE(batch.inlineSize, offset + 32)
  head.writeUInt32BE(batch.separateParts, offset + 36)
  head[offset + 40] = batch.urgent ? 1 : 0
}

/** Copies entries; consecutive entries of the same memory are copied at once. */
function writeEntries(
  head: Uint8Array,
  from: number,
  { entries, separateParts }: OutgoingBatch,
  parts: Uint8Array[],
): number {
  let offset = from
  for (let index = 0; index < entries.length;) {
    const first = entries[index++] as EncodedEntry
    const { memory, start } = first
    let { end } = first
    if (separateParts > 0 && hasSeparatePart(first)) {
      end = bodyStart(first)
      parts.push(memory.subarray(end, first.end))
    } else {
      for (; index < entries.length; index++) {
        const next = entries[index] as EncodedEntry
        if (next.memory !== memory || next.start !== end) break
        if (separateParts > 0 && hasSeparatePart(next)) break
        end = next.end
      }
    }
    head.set(memory.subarray(start, end), offset)
    offset += end - start
  }
  return offset
}
