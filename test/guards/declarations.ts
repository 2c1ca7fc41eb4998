/** Declarations: what a file exports, with its docstring and its parameters. */
import type { Source } from './parsed.ts'
import { type Token, closing } from './tokens.ts'

/** One exported declaration. */
export interface Declaration {
  /** `function`, `class`, `interface`, `type`, `const`, …; or `list` for `export { a }`. */
  readonly kind: string
  readonly name: string
  /** The words of the docstring right above it, or undefined. */
  readonly doc: string | undefined
  /** The names of a function's parameters; a destructured one is `{}` or `[]`. */
  readonly parameters: readonly string[]
  readonly line: number
}

const MODIFIERS = /^(?:default|async|abstract|declare)$/

/** Every exported declaration of a file; of overloads the first. */
export function declarationsOf({ tokens, code }: Source): readonly Declaration[] {
  const found: Declaration[] = []
  for (const [index, token] of code.entries()) {
    if (token.kind !== 'word' || token.text !== 'export') continue
    let at = index + 1
    while (MODIFIERS.test(code[at]?.text ?? '')) at++
    const kind = code[at]?.text ?? ''
    if (kind === '*' || (kind === 'type' && code[at + 1]?.text === '{')) continue
    if (kind === '{') {
      if (code[closing(code, at)]?.text !== 'from') found.push(exportList(token.line))
      continue
    }
    const nameAt = code[at + 1]?.text === '*' ? at + 2 : at + 1
    const name = code[nameAt]?.text ?? ''
    if (found.some((other) => other.name === name && other.kind === kind)) continue
    const parameters = kind === 'function' ? parametersOf(code, nameAt + 1) : []
    found.push({ kind, name, doc: docAbove(tokens, token), parameters, line: token.line })
  }
  return found
}

function exportList(line: number): Declaration {
  return { kind: 'list', name: '', doc: undefined, parameters: [], line }
}

function docAbove(tokens: readonly Token[], token: Token): string | undefined {
  const above = tokens[tokens.indexOf(token) - 1]
  if (above?.kind !== 'comment' || above.lastLine !== token.line - 1) return undefined
  return above.text.startsWith('/**') ? docText(above.text) : undefined
}

/** What a docstring says, without its stars. */
export function docText(comment: string): string {
  return comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .replaceAll(/^ *\* ?/gm, '')
    .trim()
}

function parametersOf(code: readonly Token[], afterName: number): readonly string[] {
  const open = code[afterName]?.text === '<' ? closing(code, afterName) : afterName
  const end = closing(code, open) - 1
  const names: string[] = []
  let at = open + 1
  while (at < end) {
    const first = code[at]?.text === '...' ? at + 1 : at
    const text = code[first]?.text ?? ''
    names.push(text === '{' ? '{}' : text === '[' ? '[]' : text)
    at = indexAfterParameter(code, first, end)
  }
  return names.filter((name) => name !== 'this')
}

/** The index behind the comma that ends a parameter; `<` and `>` of types are brackets here. */
function indexAfterParameter(code: readonly Token[], from: number, end: number): number {
  let depth = 0
  for (let at = from; at < end; at++) {
    const text = code[at]?.kind === 'punctuator' ? (code[at]?.text ?? '') : ''
    if (text.length === 1 && '([{<'.includes(text)) depth++
    if (text.length === 1 && ')]}>'.includes(text)) depth--
    if (text === ',' && depth === 0) return at + 1
  }
  return end
}
