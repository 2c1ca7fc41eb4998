/** Shows expected and actual lines side by side. */

/**
 * Returns two columns, with a mark at the end of each line that differs.
 *
 * @param expected the lines of the file
 * @param actual the lines of the run
 */
export function sideBySide(expected: readonly string[], actual: readonly string[]): string {
  const width = Math.max(...expected.map((line) => line.length), 'expected'.length)
  const rows = Array.from({ length: Math.max(expected.length, actual.length) }, (_row, index) => {
    const [left = '', right = ''] = [expected[index], actual[index]]
    return `  ${left.padEnd(width)} | ${right}${left === right ? '' : '   <<<'}`.trimEnd()
  })
  return [`  ${'expected'.padEnd(width)} | actual`, ...rows].join('\n')
}
