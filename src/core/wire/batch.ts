/** Batches: runs of entries as one DATA frame. */
import { type Slice, bodyStart, hasOwnPart, sizeOf } from './entry.ts'
import { FRAME_TYPE } from './frames.ts'
import type { Pid } from '../../model/pid.ts'

/** The type of a frame stands before its runs. */
export const DATA_HEADER_BYTES = 1
/** What stands before the entries of a run. */
export const RUN_HEADER_BYTES = 41
const TWO_32 = 2 ** 32

/** Some entries of one session, in order. */
export interface OutgoingRun {
  readonly pid: Pid
  readonly epoch: number
  readonly toEpoch: number
  readonly settled: number
  /** The sequence number of the first entry. */
  readonly first: number
  /** At least one. */
  readonly entries: readonly Slice[]
  /** The bytes that they take in the first part of the frame: the sum of `bytesInline`. */
  readonly inline: number
  /** How many of them have parts of their own. */
  readonly ownParts: number
  /** Somebody waits for the acknowledgement. */
  readonly urgent: boolean
}

/** The bytes that an entry adds to the first part of its frame. */
export function bytesInline(entry: Slice): number {
  return hasOwnPart(entry) ? bodyStart(entry) - entry.start : sizeOf(entry)
}

/**
 * Writes runs as one DATA frame. Small entries are copied into its first part, so that one send
 * carries them all; the bodies of large ones become parts as they are.
 *
 * @param runs at least one; those of one session in their order
 */
export function encodeBatch(runs: readonly OutgoingRun[]): Uint8Array[] {
  let size = DATA_HEADER_BYTES
  for (const run of runs) size += RUN_HEADER_BYTES + run.inline
  const head = Buffer.allocUnsafe(size)
  const parts: Uint8Array[] = [head]
  head[0] = FRAME_TYPE.data
  let at = DATA_HEADER_BYTES
  for (const run of runs) {
    writeRunHeader(head, at, run)
    at = writeEntries(head, at + RUN_HEADER_BYTES, run, parts)
  }
  return parts
}

function writeRunHeader(head: Buffer, at: number, run: OutgoingRun): void {
  head.writeUInt32BE(run.pid, at)
  head.writeUInt32BE(run.epoch, at + 4)
  head.writeUInt32BE(run.toEpoch, at + 8)
  head.writeUInt32BE(Math.floor(run.settled / TWO_32), at + 12)
  head.writeUInt32BE(run.settled % TWO_32, at + 16)
  head.writeUInt32BE(Math.floor(run.first / TWO_32), at + 20)
  head.writeUInt32BE(run.first % TWO_32, at + 24)
  head.writeUInt32BE(run.entries.length, at + 28)
  head.writeUInt32BE(run.inline, at + 32)
  head.writeUInt32BE(run.ownParts, at + 36)
  head[at + 40] = run.urgent ? 1 : 0
}

/** Copies entries; those that were encoded one behind the other are copied in one go. */
function writeEntries(
  head: Uint8Array,
  from: number,
  { entries, ownParts }: OutgoingRun,
  parts: Uint8Array[],
): number {
  let at = from
  for (let index = 0; index < entries.length;) {
    const first = entries[index++] as Slice
    const { memory, start } = first
    let { end } = first
    if (ownParts > 0 && hasOwnPart(first)) {
      end = bodyStart(first)
      parts.push(memory.subarray(end, first.end))
    } else {
      for (; index < entries.length; index++) {
        const next = entries[index] as Slice
        if (next.memory !== memory || next.start !== end) break
        if (ownParts > 0 && hasOwnPart(next)) break
        end = next.end
      }
    }
    head.set(memory.subarray(start, end), at)
    at += end - start
  }
  return at
}
