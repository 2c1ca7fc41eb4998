/** The MessagePack extension types of messages. */

/** `undefined`: one byte, 0, as msgpackr has it. */
export const EXT_UNDEFINED = 0

/**
 * A `bigint` in the range of safe integers: eight bytes, an int64. Others are a plain int64 or
 * uint64, which decode to `bigint` because no number holds them.
 */
export const EXT_BIGINT = 1

/** An invalid `Date`: one byte, 0. */
export const EXT_INVALID_DATE = 2

/** The timestamp of the MessagePack specification. */
export const EXT_TIMESTAMP = -1
