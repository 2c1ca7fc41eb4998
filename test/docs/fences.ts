/** Fences: the code blocks of a document or of docstrings, at the lines where they stand. */

/** One fence. */
export interface Fence {
  /** What stands behind the three backticks: `ts no-run`. */
  readonly info: string
  readonly body: string
  /** The line of the opening backticks, counted from 1. */
  readonly line: number
}

const PREFIX = /^ \* ?/

/**
 * Finds the fences of a text; in docstrings the ` * ` before each line is left out.
 *
 * @param text a Markdown document or a source file
 */
export function fencesOf(text: string): readonly Fence[] {
  const fences: Fence[] = []
  let open: { info: string; line: number; body: string[] } | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(PREFIX, '')
    if (open === undefined) {
      const info = /^```(\S.*)$/.exec(line)?.[1]
      if (info !== undefined) open = { info: info.trim(), line: index + 1, body: [] }
    } else if (line.trimEnd() === '```') {
      fences.push({ info: open.info, line: open.line, body: open.body.join('\n') })
      open = undefined
    } else {
      open.body.push(line)
    }
  }
  if (open !== undefined) throw new Error(`the fence of line ${open.line} is not closed`)
  return fences
}

/**
 * The stanzas of a text's `marbles` fences as the text of a stanza file, each on the line where
 * it stands, so that errors name that line.
 *
 * @param text a Markdown document or a source file
 */
export function marblesOf(text: string): string {
  const lines: string[] = []
  for (const { info, body, line } of fencesOf(text)) {
    if (info !== 'marbles') continue
    while (lines.length < line) lines.push('')
    lines.push(...body.split('\n'))
  }
  return lines.join('\n')
}
