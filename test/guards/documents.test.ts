/** What the documents claim is so: codes, commands, links, decisions. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, filesBelow } from './sources.ts'
import { ERROR_CODES } from '../../src/model/cluster-error.ts'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const readme = read('README.md')
const { scripts, ...manifest } = JSON.parse(read('package.json')) as Record<
  string,
  Record<string, string>
>

describe('README.md', () => {
  it('has a table with every error code, and no other', () => {
    const [, section = ''] = readme.split('## Error codes')
    const [table = ''] = section.split('\n## ')
    const codes = [...table.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code)
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

  it('names only commands that there are', () => {
    const named = [...readme.matchAll(/npm run (?:-s )?([a-z:-]+)/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((name) => scripts?.[name] === undefined)).toEqual([])
  })

  it('numbers its decisions one after the other, and the code cites only those', () => {
    const decisions = [...readme.matchAll(/^\*\*(D-\d{3})\./gm)].map(([, name = '']) => name)
    expect(decisions).toEqual(
      decisions.map((_, index) => `D-${String(index + 1).padStart(3, '0')}`),
    )
    expect(decisions.length).toBeGreaterThan(9)
    const cited = [...filesBelow('src', '.ts'), ...filesBelow('docs', '.md')].flatMap(
      ({ text }) => text.match(/D-\d{3}/g) ?? [],
    )
    expect(cited.filter((name) => !decisions.includes(name))).toEqual([])
  })

  it.each([
    'README.md',
    'docs/wire.md',
    'docs/marbles.md',
    'docs/marbles/README.md',
    'docs/recording.md',
  ])('%s links only to what there is', (path) => {
    const links = [...read(path).matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => to)
    const missing = links.filter((to) => !existsSync(join(ROOT, path, '..', to)))
    expect(missing).toEqual([])
  })
})

describe('package.json', () => {
  it('has just the dependencies that the decisions name', () => {
    expect(Object.keys(manifest['dependencies'] ?? {})).toEqual([
      'commander',
      'fp-ts',
      'io-ts',
      'zeromq',
    ])
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
