/** Where a text stops being JSON: the line, the column, and what should stand there. */

/** The first place in a text that is not JSON. */
export interface JsonFault {
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  readonly expected: string
  readonly got: string
}

/** What may come next, as messages say it. */
type Expected =
  | 'a value'
  | 'a value or ]'
  | 'a key in double quotes'
  | 'a key in double quotes or }'
  | ':'
  | ', or ]'
  | ', or }'
  | 'the end of the file'

/** Where a text went wrong. */
interface Stop {
  readonly at: number
  readonly expected: string
}

const SPACE = /[ \t\r\n]*/y
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-])/y
const PLAIN = /[ !#-[\]-\uffff]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y
const WORD = /[\w.+-]{1,20}/y

/**
 * Finds the first place where a text is not JSON; undefined where all of it is.
 *
 * `JSON.parse` tells no position for half of its complaints. No recursion: nesting may be as deep
 * as it likes.
 */
export function jsonFault(text: string): JsonFault | undefined {
  const stop = firstStop(text)
  if (stop === undefined) return undefined
  const before = text.slice(0, stop.at)
  const lineStart = before.lastIndexOf('\n') + 1
  return {
    line: before.split('\n').length,
    column: stop.at - lineStart + 1,
    expected: stop.expected,
    got: foundAt(text, stop.at),
  }
}

function firstStop(text: string): Stop | undefined {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'a value'
  let at = 0
  for (;;) {
    at = after(SPACE, text, at)
    const char = text[at]
    if (expected === 'the end of the file') return char === undefined ? undefined : { at, expected }
    if ((char === '}' || char === ']') && closes(char, expected)) {
      open.pop()
      expected = inside(open)
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
      const end = char === '"' ? stringEnd(text, at) : after(SCALAR, text, at)
      if (typeof end !== 'number') return end
      if (end === at) return { at, expected }
      expected = inside(open)
      at = end
    }
  }
}

function closes(char: '}' | ']', expected: Expected): boolean {
  return expected.endsWith(`or ${char}`)
}

function inside(open: readonly ('{' | '[')[]): Expected {
  if (open.length === 0) return 'the end of the file'
  return open.at(-1) === '{' ? ', or }' : ', or ]'
}

/** Where a string ends that begins at `start`, or where it goes wrong. */
function stringEnd(text: string, start: number): number | Stop {
  let at = start + 1
  for (;;) {
    at = after(PLAIN, text, at)
    if (text[at] === '"') return at + 1
    if (text[at] !== '\\') return { at, expected: 'the " that ends the string' }
    const end = after(ESCAPE, text, at)
    if (end === at) return { at, expected: 'an escape that JSON has, such as \\n or \\\\' }
    at = end
  }
}

function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function foundAt(text: string, at: number): string {
  if (at >= text.length) return 'the end of the file'
  if (text[at] === '\n' || text[at] === '\r') return 'the end of the line'
  const word = text.slice(at, after(WORD, text, at))
  return JSON.stringify(word === '' ? String.fromCodePoint(text.codePointAt(at) ?? 0) : word)
}
