/** Batches: a run of entries as one DATA frame. */
import { bodyStart, hasOwnPart } from './entry.ts'
import { FRAME_TYPE } from './frames.ts'
import type { Pid } from '../../model/pid.ts'

const HEADER_BYTES = 33
const TWO_32 = 2 ** 32

/** What stands before the entries of a DATA frame. */
export interface BatchHeader {
  readonly pid: Pid
  readonly epoch: number
  readonly toEpoch: number
  readonly settled: number
  readonly first: number
}

/** The bytes that an entry adds to the first part of its frame. */
export function bytesInline(entry: Uint8Array): number {
  return hasOwnPart(entry) ? bodyStart(entry) : entry.length
}

/**
 * Writes entries as one DATA frame. Small ones are copied into its first part, so that one send
 * carries them all; the bodies of large ones become parts as they are.
 *
 * @param entries encoded entries, in order; at least one
 */
export function encodeBatch(header: BatchHeader, entries: readonly Uint8Array[]): Uint8Array[] {
  let size = HEADER_BYTES
  for (const entry of entries) size += bytesInline(entry)
  // Never pooled: the transport may still be writing it while the next one is filled.
  const head = Buffer.allocUnsafeSlow(size)
  head[0] = FRAME_TYPE.data
  head.writeUInt32BE(header.pid, 1)
  head.writeUInt32BE(header.epoch, 5)
  head.writeUInt32BE(header.toEpoch, 9)
  head.writeUInt32BE(Math.floor(header.settled / TWO_32), 13)
  head.writeUInt32BE(header.settled % TWO_32, 17)
  head.writeUInt32BE(Math.floor(header.first / TWO_32), 21)
  head.writeUInt32BE(header.first % TWO_32, 25)
  head.writeUInt32BE(entries.length, 29)
  const parts: Uint8Array[] = [head]
  let at = HEADER_BYTES
  for (const entry of entries) {
    if (hasOwnPart(entry)) {
      const start = bodyStart(entry)
      head.set(entry.subarray(0, start), at)
      parts.push(entry.subarray(start))
      at += start
    } else {
      head.set(entry, at)
      at += entry.length
    }
  }
  return parts
}
