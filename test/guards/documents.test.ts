/** The documents: what they name exists, their links work, and the README stays short. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, filesBelow } from './sources.ts'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'
import { ERROR_CODES } from '../../src/model/cluster-error.ts'
import { anchorsOf, documents, linksOf, withoutFences } from '../docs/documents.ts'
import { fencesOf } from '../docs/fences.ts'

const README_LINES_MAX = 200
const COLUMNS_MAX = 100
const DECISION_SECTIONS = ['Context', 'Decision', 'Price', 'Revisit when']

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const { scripts, ...manifest } = JSON.parse(read('package.json')) as Record<
  string,
  Record<string, string>
>
const DOCUMENTS = documents()
const DECISIONS = DOCUMENTS.filter(({ path }) => /^docs\/decisions\/\d/.test(path))

describe('README.md', () => {
  it(`has at most ${README_LINES_MAX} lines: a new line replaces another one`, () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(README_LINES_MAX)
  })

  it('links to every document for users', () => {
    const links = linksOf({ path: 'README.md', text: read('README.md') })
    const linked = new Set(links.map(({ path }) => path))
    const pages = DOCUMENTS.filter(({ path }) => /^docs\/[\w-]+\.md$/.test(path))
    expect(pages.map(({ path }) => path).filter((path) => !linked.has(path))).toEqual([])
  })
})

describe.each(DOCUMENTS)('$path', (document) => {
  const { text } = document

  it('has one title', () => {
    expect(withoutFences(text).match(/^# .+/gm)).toHaveLength(1)
  })

  it('links only to files and headings that exist', () => {
    const broken = linksOf(document).filter(({ path: to, anchor }) => {
      if (!existsSync(join(ROOT, to))) return true
      return anchor !== undefined && !anchorsOf(read(to)).has(anchor)
    })
    expect(broken).toEqual([])
  })

  it('names only commands, benchmarks and fault scenarios that exist', () => {
    const named = [...text.matchAll(/npm run (?:-s )?([a-z:-]+)(?: -- ([a-z][a-z-]*))?/g)]
    const missing = named.filter(([, script = '', argument]) => {
      if (scripts?.[script] === undefined) return true
      const hasFolder = script === 'bench' || script === 'faults'
      return (
        hasFolder && argument !== undefined && !existsSync(join(ROOT, script, `${argument}.js`))
      )
    })
    expect(missing.map(([command]) => command)).toEqual([])
  })
})

// `npm run marbles -- --svg` writes docs/marbles.
describe.each(DOCUMENTS.filter(({ path }) => !path.startsWith('docs/marbles/')))(
  '$path',
  ({ path, text }) => {
    it(`has lines of at most ${COLUMNS_MAX} columns`, () => {
      // Output of a program is shown as it is.
      const shown = fencesOf(text)
        .filter(({ info }) => info === '')
        .reduce((rest, { body }) => rest.replace(body, body.replaceAll(/[^\n]/g, '')), text)
      const lines = shown
        .split('\n')
        .map((line, index) => ({ place: `${path}:${index + 1}`, line }))
      // An image, a link and a row of a table cannot be broken; those of the README are short.
      const unbreakable = path === 'README.md' ? /^!?\[/ : /^!?\[|^\|/
      const tooLong = ({ line }: { line: string }): boolean => [...line].length > COLUMNS_MAX
      const long = lines.filter((one) => tooLong(one) && !unbreakable.test(one.line))
      expect(long.map(({ place }) => place)).toEqual([])
    })
  },
)

describe('the tarball', () => {
  it('has every file that its documents link to', () => {
    const packed = new Set(packedFiles())
    const inside = DOCUMENTS.filter(({ path }) => packed.has(path))
    expect(inside.map(({ path }) => path)).toContain('docs/config.md')
    const missing = inside.flatMap((document) =>
      linksOf(document)
        .map(({ path }) => path)
        .filter((path) => !packed.has(path))
        .map((path) => `${document.path}: ${path}`),
    )
    expect(missing).toEqual([])
  })
})

describe('docs/errors.md', () => {
  it('has a section for every error code, and for no other', () => {
    const codes = [...read('docs/errors.md').matchAll(/^### (.+)$/gm)].map(([, code]) => code)
    expect(codes).toEqual([...ERROR_CODES])
  })

  it('every code is used somewhere', () => {
    const sources = filesBelow('src', '.ts').filter(
      ({ path }) => !path.endsWith('cluster-error.ts'),
    )
    const unused = ERROR_CODES.filter(
      (code) => !sources.some(({ text }) => text.includes(`'${code}'`)),
    )
    expect(unused).toEqual([])
  })
})

describe('docs/config.md', () => {
  it('lists every key with its default', () => {
    const rows = [...read('docs/config.md').matchAll(/^\| `(\w+)` \| `?("?[^|`]+"?)`? \|/gm)]
    const listed = Object.fromEntries(rows.map(([, key, value = '']) => [key, parsed(value)]))
    expect(listed).toEqual({ ...DEFAULT_LIMITS, cluster: 'default', insecure: false })
  })
})

describe('docs/guarantees.md', () => {
  it('lists every reason of a dead letter', () => {
    const [, section = ''] = read('docs/guarantees.md').split('## Reasons of a dead letter')
    const [table = ''] = section.split('\n## ')
    const source = read('src/model/dead-letter.ts').split('export type DeadReason')[1] ?? ''
    const reasons = [...(source.split('\n\n')[0] ?? '').matchAll(/\| '([a-z-]+)'/g)]
    expect(namesOf(table)).toEqual(reasons.map(([, reason]) => reason))
  })
})

describe('docs/troubleshooting.md', () => {
  it('lists every event', () => {
    const [, section = ''] = read('docs/troubleshooting.md').split('## Events')
    const [table = ''] = section.split('\n## ')
    const events = [...read('src/model/node-event.ts').matchAll(/type: '([a-z-]+)'/g)]
    expect(namesOf(table)).toEqual(events.map(([, name]) => name))
  })
})

describe('docs/fault-testing.md', () => {
  it('lists every scenario', () => {
    const [, names = ''] = /const NAMES = \[([\s\S]*?)\n\]/.exec(read('faults/run.js')) ?? []
    const scenarios = [...names.matchAll(/'([a-z-]+)'/g)].map(([, name]) => name)
    const table = [...read('docs/fault-testing.md').matchAll(/^\| `([a-z-]+)/gm)]
    expect(table.map(([, name]) => name).toSorted()).toEqual(scenarios.toSorted())
  })
})

describe('docs/decisions', () => {
  const numbers = DECISIONS.map((_, index) => String(index + 1).padStart(3, '0'))

  it('are numbered one after the other', () => {
    expect(DECISIONS.map(({ path }) => path.slice('docs/decisions/'.length, -3))).toEqual(
      numbers.map((number) => expect.stringMatching(new RegExp(`^${number}-[a-z0-9-]+$`))),
    )
    expect(DECISIONS.length).toBeGreaterThan(25)
  })

  it.each(DECISIONS)('$path has its number, and context, decision, price, revisit when', (one) => {
    const number = one.path.slice('docs/decisions/'.length).slice(0, 3)
    expect(one.text).toMatch(new RegExp(`^# D-${number}\\. .+\n`))
    const sections = [...one.text.matchAll(/^## (.+)$/gm)].map(([, section]) => section)
    expect(sections).toEqual(DECISION_SECTIONS)
  })

  it('are listed by the index, under their titles', () => {
    const index = DECISIONS.map(({ path, text }) => {
      const [, name, title] = /^# (D-\d+)\. (.+)$/m.exec(text) ?? []
      return `- [${name}](${path.slice('docs/decisions/'.length)}) ${title}`
    })
    const listed = read('docs/decisions/README.md').match(/^- .+$/gm)
    expect(listed).toEqual(index)
  })

  it('sources and documents cite only those', () => {
    const files = [...filesBelow('src', '.ts'), ...DOCUMENTS]
    const cited = files.flatMap(({ text }) => text.match(/D-\d{3}/g) ?? [])
    expect(cited.filter((name) => !numbers.includes(name.slice(2)))).toEqual([])
  })
})

describe('package.json', () => {
  it('has just the dependencies of D-013', () => {
    const decision = read('docs/decisions/013-dependencies.md')
    const dependencies = Object.keys(manifest['dependencies'] ?? {})
    expect(dependencies).toEqual(['commander', 'fp-ts', 'io-ts', 'leven', 'zeromq'])
    expect(dependencies.filter((name) => !decision.includes(`\`${name}\``))).toEqual([])
    expect(manifest['peerDependencies']).toEqual({ rxjs: '^7.8.2' })
    expect(manifest['engines']).toEqual({ node: '>=20.19' })
  })

  it('runs nothing of its own when it is installed', () => {
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare']
    expect(hooks.filter((name) => scripts?.[name] !== undefined)).toEqual([])
  })

  it('and its lockfile names no host', () => {
    const lock = read('package-lock.json')
    expect(lock).not.toMatch(/"resolved"/)
    expect(lock).toContain('darwin')
  })
})

/** The names in the first column of a table, without its head. */
function namesOf(table: string): readonly string[] {
  return [...table.matchAll(/^\| `([a-z-]+)` \|/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'type')
}

/** A default as the table has it: `64 MiB`, `30,000`, `"drop-newest"`. */
function parsed(text: string): unknown {
  const [, mebibytes] = /^(\d+) MiB$/.exec(text) ?? []
  if (mebibytes !== undefined) return Number(mebibytes) * 2 ** 20
  return JSON.parse(text.replaceAll(',', ''))
}

/** The files that `npm pack` would pack. */
function packedFiles(): readonly string[] {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const { stdout } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8' })
  const [pack] = JSON.parse(stdout) as [{ readonly files: readonly { readonly path: string }[] }]
  return pack.files.map(({ path }) => path)
}
