/** Tokenizer for TypeScript: comments, strings and templates must not mislead the guards. */

/** A token and its lines. */
export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'comment' | 'punctuator'
  /** As written; the content of a string or a piece of a template, without its quotes. */
  readonly text: string
  /** The first line of the token, counted from 1. */
  readonly line: number
  /** The last line of the token. */
  readonly lastLine: number
}

const PATTERNS = [
  ['comment', /\/\/[^\n]*|\/\*[^]*?\*\/|^#![^\n]*/y],
  ['word', /[#@]?[\p{L}_$][\p{L}\p{N}_$]*/uy],
  ['number', /\d[\w.]*/y],
  ['string', /'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"/y],
] as const
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
const TEMPLATE = /(?:[^`\\$]|\\[^]|\$(?!\{))*/y
const PUNCTUATOR = /=>|\.\.\.|[^]/y
/** Words after which a slash begins a regular expression. */
const REGEX_PREDECESSORS =
  /^(?:return|typeof|case|in|of|void|delete|instanceof|do|else|await|yield|new)$/

/**
 * Splits a source file into tokens and drops white space.
 *
 * @param text a TypeScript file without JSX
 */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  // The number of open braces in each template substitution around the current position.
  const substitutions: number[] = []
  let at = 0
  let line = 1

  const push = (kind: Token['kind'], written: string, value = written): void => {
    const lastLine = line + (written.match(/\n/g)?.length ?? 0)
    tokens.push({ kind, text: value, line, lastLine })
    line = lastLine
    at += written.length
  }
  const matched = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  // A piece of a template, from its backtick or the brace that ends a substitution.
  const template = (): void => {
    at++
    const piece = matched(TEMPLATE) ?? ''
    push('template', piece)
    if (text[at] === '$') substitutions.push(0)
    at += text[at] === '$' ? 2 : 1
  }

  while (at < text.length) {
    const char = text[at] ?? ''
    const depth = substitutions.at(-1)
    const simple = PATTERNS.map(([kind, pattern]) => [kind, matched(pattern)] as const)
    const [kind, written] = simple.find(([, found]) => found !== undefined) ?? [
      'punctuator',
      undefined,
    ]
    if (/\s/.test(char)) {
      if (char === '\n') line++
      at++
    } else if (kind !== 'punctuator' && written !== undefined) {
      push(kind, written, kind === 'string' ? written.slice(1, -1) : written)
    } else if (char === '`') {
      template()
    } else if (char === '}' && depth === 0) {
      substitutions.pop()
      template()
    } else {
      if (depth !== undefined) substitutions.push(depthAfter(substitutions, char))
      const regex = char === '/' && beginsRegex(tokens) ? matched(REGEX) : undefined
      push(regex === undefined ? 'punctuator' : 'regex', regex ?? matched(PUNCTUATOR) ?? char)
    }
  }
  return tokens
}

function depthAfter(substitutions: number[], char: string): number {
  const depth = substitutions.pop() ?? 0
  return depth + Number(char === '{') - Number(char === '}')
}

function beginsRegex(tokens: readonly Token[]): boolean {
  const last = tokens.findLast(({ kind }) => kind !== 'comment')
  if (last === undefined) return true
  if (last.kind === 'punctuator') return !/^[)\]}]$/.test(last.text)
  return last.kind === 'word' && REGEX_PREDECESSORS.test(last.text)
}

/** Returns the tokens that are no comments. */
export function codeOf(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter(({ kind }) => kind !== 'comment')
}

/**
 * Returns where a sequence of words and punctuators occurs.
 *
 * @param code tokens without comments
 * @param sequence texts in order: `['Date', '.', 'now']`
 * @returns the first token of each place; a sequence that begins with a word is not found after a dot
 */
export function findSequence(
  code: readonly Token[],
  sequence: readonly string[],
): readonly Token[] {
  return code.filter((_, from) => {
    if (code[from - 1]?.text === '.' && sequence[0] !== '.') return false
    return sequence.every((text, step) => {
      const token = code[from + step]
      return token?.text === text && (token.kind === 'word' || token.kind === 'punctuator')
    })
  })
}

/** Returns the index after the bracket that closes the one at `from`; `<` only counts at `from`. */
export function closing(code: readonly Token[], from: number): number {
  const pairs = code[from]?.text === '<' ? ['([{<', ')]}>'] : ['([{', ')]}']
  let depth = 0
  for (let index = from; index < code.length; index++) {
    const { kind, text } = code[index] ?? { kind: 'punctuator', text: '' }
    if (kind !== 'punctuator' || text.length !== 1) continue
    if (pairs[0]?.includes(text) === true) depth++
    if (pairs[1]?.includes(text) === true) depth--
    if (depth === 0) return index + 1
  }
  return code.length
}
