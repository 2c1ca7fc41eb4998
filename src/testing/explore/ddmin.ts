/** Removes items from a list for as long as it still fails (delta debugging). */

/**
 * Removes items from a list while `fails` stays true: ddmin of Zeller and Hildebrandt (2002). If
 * `fails` is deterministic, the result is 1-minimal: without any single item it does not fail.
 *
 * @param list must fail as a whole, which is not checked
 * @param fails returns whether a subset of the list, in its order, still fails
 */
export function ddmin<T>(
  list: readonly T[],
  fails: (subset: readonly T[]) => boolean,
): readonly T[] {
  if (list.length === 0 || fails([])) return []
  let remaining = list
  let granularity = 2
  while (remaining.length >= 2) {
    const chunkSize = Math.ceil(remaining.length / granularity)
    let smaller: readonly T[] | undefined
    for (let start = 0; start < remaining.length && smaller === undefined; start += chunkSize) {
      const complement = [...remaining.slice(0, start), ...remaining.slice(start + chunkSize)]
      if (complement.length > 0 && fails(complement)) smaller = complement
    }
    if (smaller !== undefined) {
      remaining = smaller
      granularity = Math.max(2, Math.min(granularity - 1, remaining.length))
    } else {
      if (granularity >= remaining.length) break
      granularity = Math.min(remaining.length, granularity * 2)
    }
  }
  return remaining
}
