/** Every type in the signature of a public export can be imported. */
import { describe, expect, it } from 'vitest'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './sources.ts'

/** A top-level declaration of a `.d.ts` file. */
interface Declaration {
  readonly name: string
  readonly text: string
}

/** The names that a module declares, and those that it takes from other modules of the package. */
interface Module {
  readonly declarations: readonly Declaration[]
  readonly imported: ReadonlySet<string>
}

const DECLARED =
  /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const|enum) (\w+)/

function parse(text: string): Module {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*#private;$/gm, '')
  const imported = new Set<string>()
  for (const [, names = ''] of code.matchAll(/^import (?:type )?\{([^}]*)\} from '\.[^']*'/gm)) {
    for (const name of names.split(',')) {
      imported.add(
        name
          .replace(/^\s*type /, '')
          .replace(/.* as /, '')
          .trim(),
      )
    }
  }
  const statements = code.split(/\n(?=(?:export|declare|interface|type|class|import)\b)/)
  const declarations = statements.flatMap((statement) => {
    const name = DECLARED.exec(statement.trim())?.[1]
    return name === undefined ? [] : [{ name, text: statement }]
  })
  return { declarations, imported }
}

/** Returns the public names of an entry point, and the modules that declare them. */
function exportsOf(path: string): ReadonlyMap<string, string> {
  const code = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const names = new Map<string, string>()
  for (const [, list, from = ''] of code.matchAll(
    /^export (?:type )?(?:\*|\{([^}]*)\}) from '([^']+)'/gm,
  )) {
    const target = join(dirname(path), from.replace(/\.(?:ts|js)$/, '.d.ts'))
    if (!existsSync(target)) continue
    const all =
      list === undefined
        ? parse(readFileSync(target, 'utf8'))
            .declarations.filter(({ text }) => text.trim().startsWith('export'))
            .map(({ name }) => name)
        : list.split(',').map((name) => name.replace(/^\s*type /, '').trim())
    for (const name of all) if (name !== '') names.set(name, target)
  }
  return names
}

/** Returns the types in public signatures that have no public name, as `openNode: Config`. */
function hiddenTypes(
  entries: readonly string[],
  read = (path: string) => readFileSync(path, 'utf8'),
) {
  const publicNames = new Map(entries.flatMap((entry) => [...exportsOf(join(ROOT, entry))]))
  const hidden: string[] = []
  for (const [name, path] of publicNames) {
    const { declarations, imported } = parse(read(path))
    const local = new Set([...imported, ...declarations.map((one) => one.name)])
    for (const { text } of declarations.filter((one) => one.name === name)) {
      for (const word of new Set(text.match(/(?<![\w.'"-]|typeof )[A-Z]\w*/g) ?? [])) {
        if (local.has(word) && !publicNames.has(word)) hidden.push(`${name}: ${word}`)
      }
    }
  }
  return hidden.toSorted()
}

/** Returns the optional properties of a declaration that refuse `undefined`. */
function strictOptionals(text: string): readonly string[] {
  const properties = text.matchAll(/readonly (\w+)\?: ((?:[^;{]|\{[^}]*\})*)/g)
  return [...properties].flatMap(([, name = '', type = '']) =>
    /\b(?:undefined|unknown)\b/.test(type) ? [] : [name],
  )
}

describe('the types in public signatures', () => {
  it('take undefined for an optional property, for exactOptionalPropertyTypes', () => {
    const exported = ['dist/index.d.ts', 'dist/testing.d.ts'].flatMap((entry) => [
      ...exportsOf(join(ROOT, entry)),
    ])
    // The schemas are copied from the specification of Standard Schema.
    const found = exported.flatMap(([name, path]) => {
      if (path.endsWith('/schema.d.ts')) return []
      const { declarations } = parse(readFileSync(path, 'utf8'))
      const own = declarations.filter((one) => one.name === name)
      return own.flatMap(({ text }) => strictOptionals(text).map((one) => `${name}: ${one}`))
    })
    expect(found).toEqual([])
    expect(strictOptionals('{ readonly a?: { b: 1 }; readonly c?: 1 | undefined }')).toEqual(['a'])
  })

  it('have public names: `npm run build`, then export those that this lists', () => {
    expect(hiddenTypes(['dist/index.d.ts', 'dist/testing.d.ts'])).toEqual([])
  })

  it('that have none would be found', () => {
    const found = hiddenTypes(['dist/index.d.ts'], (path) => {
      const text = readFileSync(path, 'utf8')
      return path.endsWith('open-node.d.ts')
        ? `${text}\ndeclare type Hidden = 1;\nexport declare function openNode(a: Hidden): void;\n`
        : text
    })
    expect(found).toContain('openNode: Hidden')
  })
})
