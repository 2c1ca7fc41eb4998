/** Architecture: layers, packages, circles, and no native addon before `createNode` needs it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emit, removeEmitted, runLocal } from './emit.ts'
import { closureOf, cyclesOf } from './graph.ts'
import { ROOT, read, sourceOf, sourcesIn } from './sources.ts'
import { LAYERS, layeringProblems } from './layering.ts'
import { join } from 'node:path'

const SOURCES = sourcesIn('src')
/** Packages that `index.ts` may load: pure JavaScript, all of them. */
const INDEX_PACKAGES = new Set(['fp-ts/lib/Either.js', 'io-ts', 'leven', 'rxjs'])

/** Returns what the guard reports about a file beside the real ones, without its path. */
function problemsOf(path: string, ...lines: readonly string[]): readonly string[] {
  const others = SOURCES.filter((source) => source.path !== path)
  const problems = layeringProblems([...others, sourceOf(path, lines.join('\n'))])
  return problems.filter((problem) => problem.startsWith(path)).map((all) => all.slice(path.length))
}

describe('the layers of src', () => {
  it('hold: a file imports its own folder, lower layers, and the packages of its layer', () => {
    expect(layeringProblems(SOURCES)).toEqual([])
  })

  it('have no circle of files that import each other, types included', () => {
    expect(cyclesOf(SOURCES)).toEqual([])
  })

  it('are those of the table in docs/architecture.md', () => {
    const rows = [...read('docs/architecture.md').matchAll(/^\| (\d) +\| ([^|]+)\|/gm)]
    const documented = rows.flatMap(([, rank, folders = '']) =>
      [...folders.matchAll(/`([^`]+?)\/?`/g)].map(([, name]) => `${rank} ${name}`),
    )
    const guarded = Object.entries(LAYERS).map(([name, { rank }]) => `${rank} ${name}`)
    expect(documented.toSorted()).toEqual(guarded.toSorted())
  })

  it('keep the native addon out of what index.ts loads', () => {
    const { files, packages } = closureOf(SOURCES, 'src/index.ts')
    expect(files).toContain('src/node/open-node.ts')
    expect(files.filter((path) => path.startsWith('src/transports/zmq/'))).toEqual([])
    expect(
      packages.filter((name) => !name.startsWith('node:') && !INDEX_PACKAGES.has(name)),
    ).toEqual([])
  })
})

describe('a process that imports the package', () => {
  let folder = ''
  const addons = (target: string): unknown => {
    const { output } = runLocal('../test/guards/addons.js', target)
    return JSON.parse(output)
  }
  beforeAll(() => {
    folder = emit('architecture')
  })
  afterAll(() => removeEmitted('architecture'))

  it('has loaded no native addon', () => {
    expect(addons(join(ROOT, folder, 'index.js'))).toEqual([])
  })

  it('has loaded one once it imports the ZeroMQ transport', () => {
    const zmq = join(ROOT, folder, 'transports/zmq/zmq-transport.js')
    expect(addons(zmq)).toEqual([expect.stringMatching(/\.node$/)])
  })
})

describe('the guard of the layers', () => {
  it('fails when it finds no file', () => {
    expect(layeringProblems([])).toEqual(['no files were found: the guard checked nothing'])
  })

  it('reports an import of a higher layer, of types too', () => {
    const importOfPort = "import type { Mailbox } from '../ports/mailbox.ts'"
    expect(problemsOf('src/model/a.ts', importOfPort)).toEqual([
      ':1 model may not import ports, of a higher rank: move what both need down',
    ])
    const inlineImport = "type M = import('../ports/mailbox.ts').Mailbox"
    expect(problemsOf('src/model/a.ts', inlineImport)).toHaveLength(1)
    const reExport = "export * from '../node/open-node.ts'"
    expect(problemsOf('src/protocol/a.ts', '', reExport)[0]).toContain(':2 protocol')
  })

  it('reports an import within a layer, but for D-011', () => {
    const importOfMemory = "import { MemoryNetwork } from '../memory/memory-network.ts'"
    expect(problemsOf('src/transports/zmq/a.ts', importOfMemory)).toEqual([])
    expect(problemsOf('src/codec/a.ts', "import { Config } from '../config/config.ts'")).toEqual([
      ':1 codec may not import config, of the same rank: move what both need down',
    ])
  })

  it('reports a package that is not listed, and a builtin', () => {
    expect(problemsOf('src/protocol/a.ts', "import { of } from 'rxjs'")).toEqual([
      ':1 protocol may not use rxjs, only: no package',
    ])
    expect(problemsOf('src/operators/a.ts', "import 'node:fs'")).toHaveLength(1)
    const importOfRouter = "import { Router } from 'zeromq'"
    expect(problemsOf('src/transports/memory/a.ts', importOfRouter)).toHaveLength(1)
    expect(problemsOf('src/cli/a.ts', "const a = require('zeromq')")).toHaveLength(1)
    const scoped = "await import('@types/node/fs')"
    expect(problemsOf('src/node/a.ts', scoped)[0]).toContain('@types/node,')
  })

  it('reports an unknown folder, a missing file, and a computed import', () => {
    expect(problemsOf('src/shared/a.ts', '')[0]).toContain('is in no layer')
    expect(problemsOf('src/other.ts', '')[0]).toContain('is in no layer')
    expect(problemsOf('src/transports/other.ts', '')[0]).toContain('is in no layer')
    expect(problemsOf('src/base/a.ts', "import './b.ts'")).toEqual([
      ':1 ./b.ts: there is no such file',
    ])
    expect(problemsOf('src/node/a.ts', 'await import(name)')).toEqual([
      ':1 imports what cannot be read',
    ])
    expect(problemsOf('src/cli/a.ts', "import '../index.ts'")[0]).toContain('is in no layer')
  })

  it('reports the ZeroMQ transport anywhere but in one import()', () => {
    const path = '../transports/zmq/zmq-transport.ts'
    expect(problemsOf('src/node/create-node.ts', `await import('${path}')`)).toEqual([])
    expect(problemsOf('src/node/create-node.ts', `import '${path}'`)).toHaveLength(1)
    expect(problemsOf('src/node/open-node.ts', `await import('${path}')`)).toHaveLength(1)
    expect(problemsOf('src/cli/up.ts', `import type { A } from '${path}'`)).toHaveLength(1)
  })

  it('reports more than re-exports at the top', () => {
    const problem = [' may hold nothing but `export … from`']
    expect(problemsOf('src/index.ts', "export * from './model/pid.ts'")).toEqual([])
    expect(problemsOf('src/index.ts', 'export const a = 1')).toEqual(problem)
    expect(problemsOf('src/index.ts', "import './model/pid.ts'")).toEqual(problem)
    const command = "export * from './cli/up.ts'"
    expect(problemsOf('src/index.ts', command)[0]).toContain('may not re-export')
    expect(problemsOf('src/index.ts', "export * from 'rxjs'")[0]).toContain('may not re-export')
  })

  it('reports runtime globals in the pure layers, and not in comments', () => {
    const harmless = ['// process', "const a = 'process' + b.process"]
    expect(problemsOf('src/protocol/a.ts', ...harmless)).toEqual([])
    expect(problemsOf('src/protocol/a.ts', 'process.exit()')).toEqual([
      ':1 protocol uses process: pass it in',
    ])
    expect(problemsOf('src/base/a.ts', 'setImmediate(f)')).toHaveLength(1)
  })

  it('reports a circle, of types too', () => {
    const pair = (words: string): readonly string[] =>
      cyclesOf([
        sourceOf('src/base/b.ts', "import { a } from './a.ts'"),
        sourceOf('src/base/a.ts', `${words} { b } from './b.ts'`),
      ])
    const circle = ['src/base/a.ts → src/base/b.ts → src/base/a.ts']
    expect(pair('import')).toEqual(circle)
    expect(pair('import type')).toEqual(circle)
    expect(pair('export type')).toEqual(circle)
  })

  it('reads regular expressions and templates as what they are', () => {
    const tricky = [
      'const a = `${b ? `${"x"}` : { c: `import "zeromq"` }} import "zeromq"`',
      'const d = /[/\'"`]/.test(a) ? 4 / 2 / 1 : /import "zeromq"/',
      'import "zeromq" // import "rxjs"',
    ]
    expect(problemsOf('src/model/a.ts', ...tricky)).toEqual([
      ':3 model may not use zeromq, only: no package',
    ])
  })
})
