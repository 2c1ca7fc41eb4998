/** The nearest word: what somebody who mistyped probably meant. */

/** Longer words are nobody's slip of the finger. */
const INPUT_LENGTH_MAX = 40

/**
 * The one of `words` that takes the fewest slips (a letter missing, added, wrong, or two swapped)
 * to become `typed`; upper and lower case count as the same. Undefined where none is near.
 */
export function closestMatch(input: string, candidates: Iterable<string>): string | undefined {
  if (input.length > INPUT_LENGTH_MAX) return undefined
  let closest: string | undefined
  let fewestEdits = Math.max(1, Math.floor(input.length / 3)) + 1
  for (const candidate of candidates) {
    const edits = editDistance(input.toLowerCase(), candidate.toLowerCase())
    if (edits < fewestEdits) {
      closest = candidate
      fewestEdits = edits
    }
  }
  return closest
}

function editDistance(a: string, b: string): number {
  let rowBeforeLast: number[] = []
  let lastRow = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = cell(lastRow, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const edits = Math.min(substituted, cell(lastRow, j) + 1, cell(row, j - 1) + 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(swapped ? Math.min(edits, cell(rowBeforeLast, j - 2) + 1) : edits)
    }
    rowBeforeLast = lastRow
    lastRow = row
  }
  return cell(lastRow, b.length)
}

function cell(row: readonly number[], index: number): number {
  return row[index] as number
}
