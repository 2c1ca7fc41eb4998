/** Finds the known name that is closest to a misspelt one, for "did you mean". */
import { closestMatch } from 'leven'

const LENGTH_MAX = 40

/**
 * Returns the known name that a mistyped one resembles, upper and lower case being the same;
 * undefined if none is close.
 */
export function closestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > LENGTH_MAX) return undefined
  const byLowerCase = new Map(known.map((each) => [each.toLowerCase(), each]))
  // Of several at one distance the first is taken: swapped letters keep the length.
  const lengthChange = (each: string): number => Math.abs(each.length - name.length)
  const names = [...byLowerCase.keys()].toSorted((a, b) => lengthChange(a) - lengthChange(b))
  const maxDistance = Math.ceil(name.length / 3)
  const closest = closestMatch(name.toLowerCase(), names, { maxDistance })
  return closest === undefined ? undefined : byLowerCase.get(closest)
}
