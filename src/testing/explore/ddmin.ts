/** Delta debugging: the parts of a list without which something is no longer so. */

/**
 * Leaves out as much of a list as it can while `fails` stays true: ddmin of Zeller and Hildebrandt
 * (2002). The result is 1-minimal where `fails` is deterministic: no single part can be left out.
 *
 * @param list what fails as a whole; that is not tried again
 * @param fails tells whether a part of the list, in its order, still fails
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
