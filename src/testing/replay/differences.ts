/** Compares what a replay did with what was recorded. */

/** The differences between a recorded list and a replayed one. */
export interface Differences<T> {
  /** Recorded, but not replayed. */
  readonly missing: readonly T[]
  /** Replayed, but not recorded. */
  readonly added: readonly T[]
}

/**
 * Compares two lists.
 *
 * A common beginning and a common end are equal. In between, items are matched without regard to
 * order. If all of those match, only their order differs, and all of them count as differences.
 *
 * @param keyOf items with the same key are equal
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

/** Multiset difference: each item of `others` removes at most one item of `list`. */
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
