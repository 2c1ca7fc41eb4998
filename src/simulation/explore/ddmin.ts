/** Delta debugging: the parts of a list without which something is no longer so. */

/**
 * Leaves out as much of a list as it can while `fails` stays true: ddmin of Zeller and Hildebrandt
 * (2002). The result is 1-minimal where `fails` is deterministic: no single part can be left out.
 *
 * @param list what fails as a whole; that is not tried again
 * @param fails tells whether a part of the list, in its order, still fails
 */
export function ddmin<T>(list: readonly T[], fails: (part: readonly T[]) => boolean): readonly T[] {
  if (list.length === 0 || fails([])) return []
  let left = list
  let pieces = 2
  while (left.length >= 2) {
    const size = Math.ceil(left.length / pieces)
    let smaller: readonly T[] | undefined
    for (let begin = 0; begin < left.length && smaller === undefined; begin += size) {
      const rest = [...left.slice(0, begin), ...left.slice(begin + size)]
      if (rest.length > 0 && fails(rest)) smaller = rest
    }
    if (smaller !== undefined) {
      left = smaller
      pieces = Math.max(2, Math.min(pieces - 1, left.length))
    } else {
      if (pieces >= left.length) break
      pieces = Math.min(left.length, pieces * 2)
    }
  }
  return left
}
