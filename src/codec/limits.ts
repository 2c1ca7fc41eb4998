/** The largest depth of a message, and its largest number of arrays and objects. */

/** Nested arrays and objects. */
export const DEPTH_MAX = 100

/** Arrays and objects in one message: an empty one takes 1 byte encoded and 60 decoded. */
export const CONTAINERS_MAX = 2 ** 20
