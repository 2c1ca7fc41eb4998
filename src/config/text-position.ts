/** Converts an offset in a text to a line and a column. */

/** Returns `line 3, column 5` for an offset; both count from 1. */
export function positionText(text: string, offset: number): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const line = text.slice(0, lineStart).split('\n').length
  return `line ${line}, column ${offset - lineStart + 1}`
}
