/** The extension types of a message: what JavaScript has and MessagePack lacks. */

/** `undefined`: one byte, 0. Other implementations use the same. */
export const EXT_UNDEFINED = 0

/**
 * A `bigint` that a number could hold: eight bytes, an int64. Larger ones are plain int64 or
 * uint64, which come back as `bigint` because nothing else can hold them.
 */
export const EXT_BIGINT = 1

/** A `Date` without a time: one byte, 0. All others are timestamps. */
export const EXT_INVALID_DATE = 2

/** The timestamp extension of MessagePack. */
export const EXT_TIMESTAMP = -1
