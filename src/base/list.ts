/** Short lists that take no memory while they are empty: all empty lists are one shared array. */

/**
 * The shared empty list. Never push to it; `append` returns a new array instead. (It is not frozen,
 * because frozen arrays iterate more slowly.)
 */
export const EMPTY_LIST: never[] = []

/** Appends `item` and returns the list to use from now on. */
export function append<T>(list: T[], item: T): T[] {
  // Pushing to an empty array reserves seventeen slots; most lists hold one item.
  if (list.length === 0) return [item]
  list.push(item)
  return list
}
