/**
 * What bounds a message besides its bytes: the same on both ends, so that what is sent is also
 * taken.
 */
/** Arrays and objects may stand in each other so deep. */
export const MAX_DEPTH = 100;
/**
 * So many arrays and objects may stand in one message: an empty one takes a byte here and sixty
 * there.
 */
export const MAX_CONTAINERS = 2 ** 20;
