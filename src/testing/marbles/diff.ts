/** Differences: what a file says beside what came out. */

/**
 * Sets lines side by side; a line that differs is marked at its end.
 *
 * @param expected the lines that stand in the file
 * @param actual the lines that came out
 */
export function sideBySide(expected: readonly string[], actual: readonly string[]): string {
  const width = Math.max(...expected.map((line) => line.length), 'the file says'.length)
  const rows = Array.from({ length: Math.max(expected.length, actual.length) }, (_row, index) => {
    const [left = '', right = ''] = [expected[index], actual[index]]
    return `  ${left.padEnd(width)} | ${right}${left === right ? '' : '   <<<'}`.trimEnd()
  })
  return [`  ${'the file says'.padEnd(width)} | what came out`, ...rows].join('\n')
}
