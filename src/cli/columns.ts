/** Tables of text. */

/** Puts rows under headings, each column as wide as it must be; columns of numbers are set to the right. */
export function columns(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const all = [headings, ...rows]
  const widths = headings.map((_, column) => {
    return Math.max(...all.map((row) => (row[column] ?? '').length))
  })
  const isNumeric = headings.map((_, column) => {
    return rows.every((row) => /^[\d,.]+$/.test(row[column] ?? ''))
  })
  return all.map((row) => {
    const cells = widths.map((width, column) => {
      const cell = row[column] ?? ''
      return isNumeric[column] === true ? cell.padStart(width) : cell.padEnd(width)
    })
    return `  ${cells.join('   ')}`.trimEnd()
  })
}
