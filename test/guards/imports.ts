/** Imports of a file: `import`, `export … from`, `import()` and `require()`. */
import { dirname, posix } from 'node:path'
import type { Source } from './sources.ts'
import { type Token, closing } from './tokens.ts'

/** An import of a file or a package. */
export interface Import {
  /**
   * The compiler erases `types`; `static` runs before the file, `dynamic` when it is reached.
   */
  readonly kind: 'types' | 'static' | 'dynamic'
  /** As written; undefined where it is computed. */
  readonly specifier: string | undefined
  /** The path of the file, if the specifier is relative. */
  readonly file: string | undefined
  /** The package, or the builtin with its `node:`, if the specifier is not relative. */
  readonly package: string | undefined
  readonly line: number
}

/** Returns every import of a file. */
export function importsOf({ path, code }: Source): readonly Import[] {
  return code.flatMap((token, index) => {
    if (token.kind !== 'word' || code[index - 1]?.text === '.') return []
    const found = importAt(code, index)
    if (found === undefined) return []
    const { kind, specifier } = found
    const relative = specifier?.startsWith('.') === true
    const file = relative ? posix.join(dirname(path), specifier) : undefined
    const name = relative || specifier === undefined ? undefined : packageOf(specifier)
    return [{ kind, specifier, file, package: name, line: token.line }]
  })
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function importAt(
  code: readonly Token[],
  at: number,
): Pick<Import, 'kind' | 'specifier'> | undefined {
  const word = code[at]?.text
  const next = code[at + 1]
  if (next === undefined) return undefined
  if ((word === 'import' || word === 'require') && next.text === '(') {
    const argument = code[at + 2]
    const isOnlyArgument = code[at + 3]?.text === ')'
    const specifier = argument?.kind === 'string' && isOnlyArgument ? argument.text : undefined
    return { kind: word === 'import' ? 'dynamic' : 'static', specifier }
  }
  if (word === 'import' && next.kind === 'string') return { kind: 'static', specifier: next.text }
  if (word !== 'import' && word !== 'export') return undefined
  const isTypeOnly = next.text === 'type' && code[at + 2]?.text !== 'from'
  const from = indexAfterNames(code, at + (isTypeOnly ? 2 : 1))
  const specifier = code[from + 1]
  if (code[from]?.text !== 'from' || specifier?.kind !== 'string') return undefined
  return { kind: isTypeOnly ? 'types' : 'static', specifier: specifier.text }
}

/** The index behind `*`, `* as t`, `{ a, b }`, `a` or `a, { b }`. */
function indexAfterNames(code: readonly Token[], from: number): number {
  const text = code[from]?.text
  if (text === '{') return closing(code, from)
  if (text === '*') return code[from + 1]?.text === 'as' ? from + 3 : from + 1
  if (code[from]?.kind !== 'word') return from
  return code[from + 1]?.text === ',' ? indexAfterNames(code, from + 2) : from + 1
}
