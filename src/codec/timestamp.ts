/** Encodes dates as MessagePack. */
import { EXT_INVALID_DATE, EXT_TIMESTAMP } from './extensions.ts'

/**
 * Encodes a date as the shortest of the three MessagePack timestamps that holds it.
 *
 * @param ms since 1970; NaN for an invalid date
 */
export function encodeDate(ms: number): Uint8Array {
  if (Number.isNaN(ms)) return Uint8Array.of(0xd4, EXT_INVALID_DATE, 0)
  const seconds = Math.floor(ms / 1000)
  const nanoseconds = (ms - seconds * 1000) * 1_000_000
  const type = EXT_TIMESTAMP & 0xff
  const bytes = new Uint8Array(15)
  const view = new DataView(bytes.buffer)
  if (seconds < 0 || seconds >= 2 ** 34) {
    bytes.set([0xc7, 12, type])
    view.setUint32(3, nanoseconds)
    view.setBigInt64(7, BigInt(seconds))
    return bytes
  }
  if (nanoseconds === 0 && seconds < 2 ** 32) {
    bytes.set([0xd6, type])
    view.setUint32(2, seconds)
    return bytes.subarray(0, 6)
  }
  // 30 bits of nanoseconds, 34 of seconds.
  bytes.set([0xd7, type])
  view.setUint32(2, nanoseconds * 4 + Math.floor(seconds / 2 ** 32))
  view.setUint32(6, seconds % 2 ** 32)
  return bytes.subarray(0, 10)
}
