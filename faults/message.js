/** The message that is sent: its sender, its number, and ballast that depends on the number, so that damage is seen. */

/** Of an entry: what stands before its body, and what its texts alone take. */
const LEAST_BYTES = 13 + 'sender'.length + 'sequence'.length + 'ballast'.length
/** Up to this size all have the same; beyond it sizes are mixed, from nothing to twice as much. */
const SAME_SIZE_MAX = 64

/** @param size of the ballast, in bytes; where it is large, of their average */
export function messageOf(sender, sequence, size) {
  return { sender, sequence, ballast: ballastOf(sequence, size) }
}

/** Whether it came as it went. */
export function isIntact({ sequence, ballast }, size) {
  return ballast === ballastOf(sequence, size)
}

/** How many of them fit into so many bytes at the very most. */
export function mostWithin(bytes, size) {
  return Math.ceil(bytes / (LEAST_BYTES + (size > SAME_SIZE_MAX ? 0 : size)))
}

function ballastOf(sequence, size) {
  const own = size > SAME_SIZE_MAX ? (sequence * 7_919) % (2 * size) : size
  return `${sequence}`.padStart(own, '.')
}
