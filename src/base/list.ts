/** Rows: short lists that are empty most of the time, and then take no memory of their own. */

/**
 * A row in which nobody stands. It is everybody's, so nothing may ever be pushed onto it:
 * `appended` makes another one of it. (A frozen one would be slower to walk than the others.)
 */
export const EMPTY_LIST: never[] = []

/** The row with one more at its end; it takes the place of the one that was given. */
export function append<T>(list: T[], item: T): T[] {
  // An array that grows from nothing has room for seventeen at once; most rows hold one.
  if (list.length === 0) return [item]
  list.push(item)
  return list
}
