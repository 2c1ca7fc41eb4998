/** Limits of a message besides its bytes, equal for encoder and decoder. */

/** Nested arrays and objects. */
export const DEPTH_MAX = 100

/** Arrays and objects in one message: an empty one takes 1 byte encoded and 60 decoded. */
export const CONTAINERS_MAX = 2 ** 20
