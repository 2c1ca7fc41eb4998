/** Where a text stops being JSON: the line, the column, and what should stand there. */

/** The first place in a text that is not JSON. */
export interface JsonErrorLocation {
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  readonly expected: string
  readonly got: string
}

/** What may come next, as messages say it. */
type ExpectedToken =
  | 'a value'
  | 'a value or ]'
  | 'a key in double quotes'
  | 'a key in double quotes or }'
  | ':'
  | ', or ]'
  | ', or }'
  | 'the end of the file'

/** Where a text went wrong. */
interface ErrorPosition {
  readonly at: number
  readonly expected: string
}

const WHITESPACE = /[ \t\r\n]*/y
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-])/y
const STRING_CHARACTERS = /[ !#-[\]-\uffff]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y
const WORD = /[\w.+-]{1,20}/y

/**
 * Finds the first place where a text is not JSON; undefined where all of it is.
 *
 * `JSON.parse` tells no position for half of its complaints. No recursion: nesting may be as deep
 * as it likes.
 */
export function locateJsonError(text: string): JsonErrorLocation | undefined {
  const position = findError(text)
  if (position === undefined) return undefined
  const before = text.slice(0, position.at)
  const lineStart = before.lastIndexOf('\n') + 1
  return {
    line: before.split('\n').length,
    column: position.at - lineStart + 1,
    expected: position.expected,
    got: describeTokenAt(text, position.at),
  }
}

function findError(text: string): ErrorPosition | undefined {
  const open: ('{' | '[')[] = []
  let expected: ExpectedToken = 'a value'
  let at = 0
  for (;;) {
    at = matchEnd(WHITESPACE, text, at)
    const char = text[at]
    if (expected === 'the end of the file') return char === undefined ? undefined : { at, expected }
    if ((char === '}' || char === ']') && closes(char, expected)) {
      open.pop()
      expected = expectedAfterValue(open)
      at++
    } else if (expected === ':' && char === ':') {
      expected = 'a value'
      at++
    } else if (char === ',' && expected.startsWith(',')) {
      expected = open.at(-1) === '{' ? 'a key in double quotes' : 'a value'
      at++
    } else if (expected.startsWith('a key') && char === '"') {
      const end = stringEnd(text, at)
      if (typeof end !== 'number') return end
      expected = ':'
      at = end
    } else if (!expected.startsWith('a value')) return { at, expected }
    else if (char === '{' || char === '[') {
      open.push(char)
      expected = char === '{' ? 'a key in double quotes or }' : 'a value or ]'
      at++
    } else {
      const end = char === '"' ? stringEnd(text, at) : matchEnd(SCALAR, text, at)
      if (typeof end !== 'number') return end
      if (end === at) return { at, expected }
      expected = expectedAfterValue(open)
      at = end
    }
  }
}

function closes(char: '}' | ']', expected: ExpectedToken): boolean {
  return expected.endsWith(`or ${char}`)
}

function expectedAfterValue(open: readonly ('{' | '[')[]): ExpectedToken {
  if (open.length === 0) return 'the end of the file'
  return open.at(-1) === '{' ? ', or }' : ', or ]'
}

/** Where a string ends that begins at `start`, or where it goes wrong. */
function stringEnd(text: string, start: number): number | ErrorPosition {
  let at = start + 1
  for (;;) {
    at = matchEnd(STRING_CHARACTERS, text, at)
    if (text[at] === '"') return at + 1
    if (text[at] !== '\\') return { at, expected: 'the " that ends the string' }
    const end = matchEnd(ESCAPE, text, at)
    if (end === at) return { at, expected: 'an escape that JSON has, such as \\n or \\\\' }
    at = end
  }
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function describeTokenAt(text: string, at: number): string {
  if (at >= text.length) return 'the end of the file'
  if (text[at] === '\n' || text[at] === '\r') return 'the end of the line'
  const word = text.slice(at, matchEnd(WORD, text, at))
  return JSON.stringify(word === '' ? String.fromCodePoint(text.codePointAt(at) ?? 0) : word)
}
