/** The size limit of frame parts, for both ends of a connection. */
import type { Limits } from '../model/limits.ts'

/** A part exceeds the message in it by headers, or by a batch of small messages beside it. */
const FRAME_OVERHEAD_BYTES = 256 * 1024

/** Returns the largest part, in bytes, that a node accepts from its peers. */
export function maxPartBytes({ maxMessageBytes }: Pick<Limits, 'maxMessageBytes'>): number {
  return maxMessageBytes + FRAME_OVERHEAD_BYTES
}
