/** The code blocks of a document or of docstrings, with their lines. */

/** One fenced code block. */
export interface Fence {
  /** The text behind the opening backticks: `ts no-run`. */
  readonly info: string
  readonly body: string
  /** The line of the opening backticks, counted from 1. */
  readonly line: number
}

const PREFIX = /^ \* ?/

/**
 * Finds the fences of a text. In docstrings the ` * ` before each line is left out.
 *
 * @param text a Markdown document or a source file
 */
export function fencesOf(text: string): readonly Fence[] {
  const fences: Fence[] = []
  let open: { info: string; line: number; body: string[] } | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(PREFIX, '')
    if (open === undefined) {
      const info = /^```(.*)$/.exec(line)?.[1]
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
 * The marble tests of a text's `marbles` fences as the text of a marble file. Each keeps its line,
 * so that errors name it.
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
