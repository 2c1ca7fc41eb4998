/**
 * What bounds a message besides its bytes: the same on both ends, so that what is sent is also
 * taken.
 */

/** Arrays and objects may stand in each other so deep. */
export const DEPTH_MAX = 100

/**
 * So many arrays and objects may stand in one message: an empty one takes a byte here and sixty
 * there.
 */
export const CONTAINERS_MAX = 2 ** 20
