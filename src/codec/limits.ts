/** The largest depth of a message. Its keys and values are limited by `maxMessageValues`. */

/** Nested arrays and objects. */
export const DEPTH_MAX = 100
