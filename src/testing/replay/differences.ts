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
 * @param keyOf two items are the same where this is
 */
export function differencesOf<T>(
  recorded: readonly T[],
  replayed: readonly T[],
  keyOf: (item: T) => string,
): Differences<T> {
  const [a, b] = [recorded.map(keyOf), replayed.map(keyOf)]
  const shorterLength = Math.min(a.length, b.length)
  let head = 0
  while (head < shorterLength && a[head] === b[head]) head++
  let tail = 0
  while (tail < shorterLength - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const recordedRest = recorded.slice(head, recorded.length - tail)
  const replayedRest = replayed.slice(head, replayed.length - tail)
  const missing = subtract(recordedRest, replayedRest, keyOf)
  const added = subtract(replayedRest, recordedRest, keyOf)
  if (missing.length + added.length === 0) return { missing: recordedRest, added: replayedRest }
  return { missing, added }
}

/** What is left of a list when each item of another takes away one. */
function subtract<T>(
  list: readonly T[],
  others: readonly T[],
  keyOf: (item: T) => string,
): readonly T[] {
  const counts = new Map<string, number>()
  for (const other of others) counts.set(keyOf(other), (counts.get(keyOf(other)) ?? 0) + 1)
  return list.filter((item) => {
    const remaining = counts.get(keyOf(item)) ?? 0
    counts.set(keyOf(item), remaining - 1)
    return remaining <= 0
  })
}
