/** Differences: what a file says beside what came out. */

/**
 * Sets lines side by side; a line that differs is marked at its end.
 *
 * @param written the lines that stand in the file
 * @param drawn the lines that came out
 */
export function sideBySide(written: readonly string[], drawn: readonly string[]): string {
  const width = Math.max(...written.map((line) => line.length), 'the file says'.length)
  const rows = Array.from({ length: Math.max(written.length, drawn.length) }, (_row, index) => {
    const [left = '', right = ''] = [written[index], drawn[index]]
    return `  ${left.padEnd(width)} | ${right}${left === right ? '' : '   <<<'}`.trimEnd()
  })
  return [`  ${'the file says'.padEnd(width)} | what came out`, ...rows].join('\n')
}
