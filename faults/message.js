/**
 * The message: sender, sequence number, and padding that depends on the number to detect damage.
 */

/** Bytes of an entry without padding: its header and its keys. */
const ENTRY_BYTES_MIN = 13 + 'sender'.length + 'sequence'.length + 'padding'.length
/**
 * Up to this size all messages are equally large; beyond it they vary between 0 and twice the size.
 */
const UNIFORM_SIZE_MAX = 64

/** @param size of the padding in bytes; of large messages the average */
export function messageOf(sender, sequence, size) {
  return { sender, sequence, padding: paddingOf(sequence, size) }
}

/** @returns whether the message arrived unchanged */
export function isIntact({ sequence, padding }, size) {
  return padding === paddingOf(sequence, size)
}

/** @returns an upper bound of the messages that fit into `bytes` */
export function messagesMax(bytes, size) {
  return Math.ceil(bytes / (ENTRY_BYTES_MIN + (size > UNIFORM_SIZE_MAX ? 0 : size)))
}

function paddingOf(sequence, size) {
  const length = size > UNIFORM_SIZE_MAX ? (sequence * 7_919) % (2 * size) : size
  return `${sequence}`.padStart(length, '.')
}
