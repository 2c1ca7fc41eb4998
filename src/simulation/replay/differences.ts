/** Differences: what a replay did otherwise than the recording says. */

/** What is missing from one of two lists, and what it has that the other lacks. */
export interface Differences<T> {
  /** It was then, and is not now. */
  readonly missing: readonly T[]
  /** It is now, and was not then. */
  readonly added: readonly T[]
}

/**
 * Compares two lists, in order. What they begin and end with in common is the same; of the rest,
 * what the other has as often is the same; where only the order differs, all of the rest does.
 *
 * @param nameOf two items are the same where this is
 */
export function differencesOf<T>(
  then: readonly T[],
  now: readonly T[],
  nameOf: (item: T) => string,
): Differences<T> {
  const [a, b] = [then.map(nameOf), now.map(nameOf)]
  const most = Math.min(a.length, b.length)
  let head = 0
  while (head < most && a[head] === b[head]) head++
  let tail = 0
  while (tail < most - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const was = then.slice(head, then.length - tail)
  const is = now.slice(head, now.length - tail)
  const missing = without(was, is, nameOf)
  const added = without(is, was, nameOf)
  if (missing.length + added.length === 0) return { missing: was, added: is }
  return { missing, added }
}

/** What is left of a list when each item of another takes away one. */
function without<T>(
  list: readonly T[],
  others: readonly T[],
  nameOf: (item: T) => string,
): readonly T[] {
  const counts = new Map<string, number>()
  for (const other of others) counts.set(nameOf(other), (counts.get(nameOf(other)) ?? 0) + 1)
  return list.filter((item) => {
    const left = counts.get(nameOf(item)) ?? 0
    counts.set(nameOf(item), left - 1)
    return left <= 0
  })
}
