/** The package: what is packed, what the lockfile holds, and no trace of a machine. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, filesIn, read } from './sources.ts'

interface Manifest {
  readonly type?: string
  readonly types?: string
  readonly files?: readonly string[]
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
}
interface Lock {
  readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const MANIFEST = JSON.parse(read('package.json')) as Manifest & Readonly<Record<string, unknown>>
const LOCK = JSON.parse(read('package-lock.json')) as Lock
/** What package.json and the lockfile's own entry both say. */
const SHARED_FIELDS = ['name', 'version', 'engines', 'dependencies', 'devDependencies'] as const
const PACKED_BESIDE_DIST =
  /^(?:LICENSE|(?:README|CHANGELOG|CONTRIBUTING|SECURITY)\.md|(?:package|config\.schema)\.json)$|^(?:docs|marbles)\//
/** Everything at the top of the repository: what else there is, is not the product. */
const PRODUCT_PATHS = new RegExp(
  [
    /^(?:\.ci|src|test|marbles|bench|checks|examples|docs|faults)\//,
    /^(?:(?:README|CHANGELOG|CONTRIBUTING|SECURITY)\.md|LICENSE|config\.schema\.json)$/,
    /^(?:package(?:-lock)?\.json|tsconfig(?:\.\w+)?\.json)$/,
    /^(?:vitest\.config\.ts|\.gitignore|\.oxlintrc\.json)$/,
  ]
    .map(({ source }) => source)
    .join('|'),
)
/** Homes and workplaces at the beginning of a path, and hosts of registries. */
const MACHINE = /(?:^|[^\w./@-])\/(?:work|root|home|Users)[/]\w/
const REGISTRY = /\bregistry[.][\w-]+[.]|\b(?:npm)(?:mirror|js[.]org)|\b(?:arti)factory|\b(?:jf)rog/

function run(command: string, ...args: readonly string[]): string {
  const { stdout, status } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`)
  return stdout
}

/** What git tracks or would track. */
function tracked(): readonly string[] {
  const paths = run('git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard')
  return [...new Set(paths.split('\0'))].filter(
    (path) => path !== '' && existsSync(join(ROOT, path)),
  )
}

/** Returns the lines of a text that name a machine or a registry. */
function machineMentions(text: string): readonly string[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) =>
    MACHINE.test(line) || REGISTRY.test(line) ? [`${index + 1} ${line.trim()}`] : [],
  )
}

describe('the tarball', () => {
  const [pack] = JSON.parse(run('npm', 'pack', '--dry-run', '--json', '--ignore-scripts')) as [
    { readonly files: readonly { readonly path: string }[] },
  ]
  const packed = pack.files.map(({ path }) => path)

  it('holds dist, the documents, and what npm always packs', () => {
    const others = packed.filter((path) => !path.startsWith('dist/'))
    expect(others.filter((path) => !PACKED_BESIDE_DIST.test(path))).toEqual([])
  })

  it('holds what is built from src, no more and no less: `npm run build` when this fails', () => {
    const built = filesIn('src').flatMap((path) => {
      const name = path.replace(/^src/, 'dist').replace(/\.ts$/, '')
      return [`${name}.d.ts`, `${name}.js`]
    })
    expect(packed.filter((path) => path.startsWith('dist/')).toSorted()).toEqual(built.toSorted())
  })

  it('holds every file that exports and bin name; types come first', () => {
    expect(MANIFEST).toMatchObject({
      type: 'module',
      sideEffects: false,
      main: './dist/index.js',
      types: './dist/index.d.ts',
    })
    const documents = ['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md']
    expect(MANIFEST['files']).toEqual([
      ...['dist', 'docs', 'marbles', ...documents, 'config.schema.json'],
    ])
    const entries = Object.values(MANIFEST.exports ?? {})
    const targets = entries.flatMap((entry) =>
      typeof entry === 'string' ? entry : Object.values(entry),
    )
    const named = [...targets, ...Object.values(MANIFEST.bin ?? {})].map((path) => path.slice(2))
    expect(named).toContain('dist/index.js')
    expect(named).toContain('dist/testing.js')
    expect(named.filter((path) => !packed.includes(path))).toEqual([])
    for (const entry of entries) {
      if (typeof entry !== 'string') expect(Object.keys(entry)[0]).toBe('types')
    }
  })

  it('has types for module resolutions that do not read exports', () => {
    const { main, types, typesVersions } = MANIFEST
    const { '.': root, './testing': testing } = MANIFEST.exports ?? {}
    expect({ types, default: main }).toEqual(root)
    expect(typesVersions).toEqual({ '*': { testing: [(testing as { types: string }).types] } })
  })

  it('is imported by a bundle of CommonJS, which has no import.meta.url', () => {
    const library = filesIn('src').filter((path) => !path.startsWith('src/cli/'))
    const readers = library.filter((path) =>
      /^(?! *\/?\*).*import\.meta\.url(?!\))/m.test(read(path)),
    )
    expect(readers).toEqual(['src/testing/library-folder.ts'])
  })

  it('has a command that a shell can run', () => {
    for (const path of Object.values(MANIFEST.bin ?? {})) {
      expect(read(path.replace('./dist', 'src').replace(/js$/, 'ts'))).toMatch(/^#!.*\bnode\n/)
    }
  })
})

describe('the lockfile', () => {
  it('says what package.json says', () => {
    const own = LOCK.packages[''] ?? {}
    for (const key of SHARED_FIELDS) expect(own[key], key).toEqual(MANIFEST[key])
    expect(own['peerDependencies']).toEqual(MANIFEST['peerDependencies'])
  })
})

describe('the repository', () => {
  it('holds nothing at its top but the product', () => {
    expect(tracked().length).toBeGreaterThan(100)
    expect(tracked().filter((path) => !PRODUCT_PATHS.test(path))).toEqual([])
  })

  it('names no machine and no registry', () => {
    const found = tracked().flatMap((path) =>
      machineMentions(read(path)).map((mention) => `${path}:${mention}`),
    )
    expect(found).toEqual([])
  })

  it('would be found out', () => {
    const [work, host] = ['work', 'example.org']
    expect(machineMentions(`a\nread('/${work}/shared/a.md')`)).toEqual([
      `2 read('/${work}/shared/a.md')`,
    ])
    expect(machineMentions(`https://registry.${host}/`)).toHaveLength(1)
    expect(machineMentions("import './commands/work/a.ts' // tcp://root/ and ../home/x")).toEqual(
      [],
    )
    expect(['notes.md', 'src/a.ts', '.ci/run'].filter((path) => !PRODUCT_PATHS.test(path))).toEqual(
      ['notes.md'],
    )
  })
})
