/** Architecture: floors, packages, circles, and no native addon before `createNode` asks for it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emit, removeEmitted, runLocal } from './emit.ts'
import { closureOf, cyclesOf } from './graph.ts'
import { ROOT, sourceOf, sourcesIn } from './parsed.ts'
import { layeringProblems } from './layering.ts'
import { join } from 'node:path'

const SOURCES = sourcesIn('src')
/** What `index.ts` may load: pure JavaScript all of it. */
const INDEX_PACKAGES = new Set(['fp-ts/lib/Either.js', 'io-ts', 'rxjs'])

/** What the guard says about a file beside the real ones, without its path. */
function problemsOf(path: string, ...lines: readonly string[]): readonly string[] {
  const others = SOURCES.filter((source) => source.path !== path)
  const problems = layeringProblems([...others, sourceOf(path, lines.join('\n'))])
  return problems.filter((problem) => problem.startsWith(path)).map((all) => all.slice(path.length))
}

describe('the layers of src', () => {
  it('hold: a file imports its own folder, lower floors, and the packages of its room', () => {
    expect(layeringProblems(SOURCES)).toEqual([])
  })

  it('have no circle of files that load each other', () => {
    expect(cyclesOf(SOURCES)).toEqual([])
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

  it('has loaded one with the ZeroMQ transport', () => {
    const zmq = join(ROOT, folder, 'transports/zmq/zmq-transport.js')
    expect(addons(zmq)).toEqual([expect.stringMatching(/\.node$/)])
  })
})

describe('the guard of the layers', () => {
  it('speaks when it finds no file', () => {
    expect(layeringProblems([])).toEqual(['no files were found: the guard has looked at nothing'])
  })

  it('speaks of a higher floor, of types too', () => {
    expect(problemsOf('src/model/a.ts', "import type { Post } from '../ports/post.ts'")).toEqual([
      ':1 model may not import ports, of a higher rank: move what both need down',
    ])
    expect(problemsOf('src/model/a.ts', "type P = import('../ports/post.ts').Post")).toHaveLength(1)
    expect(problemsOf('src/core/a.ts', '', "export * from '../node/alarm.ts'")[0]).toContain(
      ':2 core',
    )
  })

  it('speaks of a neighbour, but for D-011', () => {
    const importOfMemory = "import { Place } from '../memory/place.ts'"
    expect(problemsOf('src/transports/codec/a.ts', importOfMemory)).toEqual([
      ':1 transports/codec may not import transports/memory, of the same rank: ' +
        'move what both need down',
    ])
    expect(problemsOf('src/transports/zmq/a.ts', importOfMemory)).toEqual([])
  })

  it('speaks of a package that is not listed, and of a builtin', () => {
    expect(problemsOf('src/core/a.ts', "import { of } from 'rxjs'")).toEqual([
      ':1 core may not use rxjs, only: no package',
    ])
    expect(problemsOf('src/operators/a.ts', "import 'node:fs'")).toHaveLength(1)
    expect(
      problemsOf('src/transports/memory/a.ts', "import { Router } from 'zeromq'"),
    ).toHaveLength(1)
    expect(problemsOf('src/cli/a.ts', "const a = require('zeromq')")).toHaveLength(1)
    expect(problemsOf('src/node/a.ts', "await import('@types/node/fs')")[0]).toContain(
      '@types/node,',
    )
  })

  it('speaks of an unknown folder, of a missing file, and of a computed import', () => {
    expect(problemsOf('src/shared/a.ts', '')[0]).toContain('is in no layer')
    expect(problemsOf('src/stray.ts', '')[0]).toContain('is in no layer')
    expect(problemsOf('src/transports/stray.ts', '')[0]).toContain('is in no layer')
    expect(problemsOf('src/core/a.ts', "import './b.ts'")).toEqual([
      ':1 ./b.ts: there is no such file',
    ])
    expect(problemsOf('src/node/a.ts', 'await import(name)')).toEqual([
      ':1 imports what cannot be read',
    ])
    expect(problemsOf('src/cli/a.ts', "import '../index.ts'")[0]).toContain('is in no layer')
  })

  it('speaks of the ZeroMQ transport anywhere but in one import()', () => {
    const path = '../transports/zmq/zmq-transport.ts'
    expect(problemsOf('src/node/create-node.ts', `await import('${path}')`)).toEqual([])
    expect(problemsOf('src/node/create-node.ts', `import '${path}'`)).toHaveLength(1)
    expect(problemsOf('src/node/open-node.ts', `await import('${path}')`)).toHaveLength(1)
    expect(problemsOf('src/cli/up.ts', `import type { A } from '${path}'`)).toHaveLength(1)
  })

  it('speaks of more than re-exports at the top', () => {
    const problem = [' may hold nothing but `export … from`']
    expect(problemsOf('src/index.ts', "export * from './model/pid.ts'")).toEqual([])
    expect(problemsOf('src/index.ts', 'export const a = 1')).toEqual(problem)
    expect(problemsOf('src/index.ts', "import './model/pid.ts'")).toEqual(problem)
    expect(problemsOf('src/index.ts', "export * from './cli/up.ts'")[0]).toContain(
      'may not re-export',
    )
    expect(problemsOf('src/index.ts', "export * from 'rxjs'")[0]).toContain('may not re-export')
  })

  it('speaks of what core takes from its runtime, and not of comments', () => {
    expect(problemsOf('src/core/a.ts', '// process', "const a = 'process' + b.process")).toEqual([])
    expect(problemsOf('src/core/a.ts', 'process.exit()')).toEqual([
      ':1 core uses process: pass it in',
    ])
  })

  it('speaks of a circle, unless it is one of types', () => {
    const pair = (words: string): readonly string[] =>
      cyclesOf([
        sourceOf('src/core/b.ts', "import { a } from './a.ts'"),
        sourceOf('src/core/a.ts', `${words} { b } from './b.ts'`),
      ])
    expect(pair('import')).toEqual(['src/core/a.ts → src/core/b.ts → src/core/a.ts'])
    expect(pair('import type')).toEqual([])
  })

  it('reads regular expressions and templates as what they are', () => {
    const tricky = [
      'const a = `${b ? `${"x"}` : { c: `import "zeromq"` }} import "zeromq"`',
      'const d = /[/\'"`]/.test(a) ? 4 / 2 / 1 : /import "zeromq"/',
      'import "zeromq" // import "rxjs"',
    ]
    expect(problemsOf('src/core/a.ts', ...tricky)).toEqual([
      ':3 core may not use zeromq, only: no package',
    ])
  })
})
