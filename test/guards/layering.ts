/** Layering: which folder of `src` may import which, and which packages each may use. */
import { type Import, importsOf } from './imports.ts'
import type { Source } from './sources.ts'
import { findSequence } from './tokens.ts'

interface Layer {
  /** A folder imports itself and folders of a lower rank. */
  readonly rank: number
  readonly packages: readonly string[]
  /** Folders of the same rank that it may import all the same. */
  readonly exceptions?: readonly string[]
}

/** Every folder of `src`, lowest layer first. A folder that is not listed is a failure. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  base: { rank: 0, packages: ['leven'] },
  model: { rank: 1, packages: [] },
  ports: { rank: 2, packages: ['rxjs', 'node:perf_hooks', 'node:timers'] },
  protocol: { rank: 3, packages: [] },
  keys: { rank: 3, packages: ['node:crypto', 'node:fs', 'node:fs/promises'] },
  codec: { rank: 4, packages: ['node:buffer'] },
  'transports/memory': { rank: 4, packages: ['rxjs'] },
  'transports/zmq': {
    rank: 4,
    packages: ['rxjs', 'zeromq', 'node:*'],
    exceptions: ['transports/memory'], // D-011
  },
  config: { rank: 4, packages: ['io-ts', 'fp-ts', 'node:fs/promises'] },
  operators: { rank: 4, packages: ['rxjs'] },
  typed: { rank: 5, packages: ['rxjs'] },
  recording: { rank: 5, packages: ['rxjs', 'io-ts', 'fp-ts'] },
  node: { rank: 6, packages: ['rxjs'] },
  testing: {
    rank: 7,
    packages: [
      'rxjs',
      'node:async_hooks',
      'node:module',
      'node:os',
      'node:url',
      'node:util',
      'node:worker_threads',
    ],
  },
  cli: { rank: 8, packages: ['rxjs', 'commander', 'node:*'] },
}

/** The files at the top of `src`: they only re-export. */
const ENTRY_FILES = new Set(['src/index.ts', 'src/testing.ts'])
/** The folder of the native addon, and the one file that imports it, at run time. */
const ADDON_LAYER = 'transports/zmq'
const ADDON_IMPORTER = 'src/node/create-node.ts'
/** The one file that imports a user's module, whose name is known only at run time. */
const SCENARIO_IMPORTER = 'src/testing/explore/load-scenario.ts'
/** Folders without any runtime dependency, and globals that another runtime may lack. */
const PURE_LAYERS = new Set(['base', 'model', 'protocol'])
const RUNTIME_GLOBALS = ['process', 'global', 'require', 'setImmediate', '__dirname', '__filename']

/**
 * Returns what is wrong with the imports of `src`, one line per problem.
 *
 * @param sources every file of `src`; an empty list is a problem, too
 */
export function layeringProblems(sources: readonly Source[]): readonly string[] {
  if (sources.length === 0) return ['no files were found: the guard checked nothing']
  const paths = new Set(sources.map(({ path }) => path))
  return sources.flatMap((source) => {
    const imports = importsOf(source)
    const missing = imports
      .filter(({ file }) => file !== undefined && !paths.has(file))
      .map(({ line, specifier }) => `${source.path}:${line} ${specifier}: there is no such file`)
    return [...missing, ...sourceProblems(source, imports)]
  })
}

function sourceProblems(source: Source, imports: readonly Import[]): readonly string[] {
  const { path, code } = source
  if (ENTRY_FILES.has(path)) return entryFileProblems(source, imports)
  const name = layerOf(path)
  if (name === undefined) return [`${path} is in no layer: see LAYERS in test/guards/layering.ts`]
  const problems = imports.flatMap((imported) => {
    const problem = importProblem(path, name, imported)
    return problem === undefined ? [] : [`${path}:${imported.line} ${problem}`]
  })
  if (!PURE_LAYERS.has(name)) return problems
  const globals = RUNTIME_GLOBALS.flatMap((word) => findSequence(code, [word]))
  const globalProblems = globals.map(
    ({ line, text }) => `${path}:${line} ${name} uses ${text}: pass it in`,
  )
  return [...problems, ...globalProblems]
}

function importProblem(path: string, name: string, imported: Import): string | undefined {
  const layer = LAYERS[name]
  if (
    path === SCENARIO_IMPORTER &&
    imported.kind === 'dynamic' &&
    imported.specifier === undefined
  ) {
    return undefined
  }
  if (layer === undefined || imported.specifier === undefined) return 'imports what cannot be read'
  if (imported.package !== undefined) {
    const kind = imported.package.startsWith('node:') ? 'node:*' : imported.package
    if (layer.packages.includes(kind) || layer.packages.includes(imported.package)) return undefined
    return `${name} may not use ${imported.package}, only: ${layer.packages.join(', ') || 'no package'}`
  }
  const target = layerOf(imported.file ?? '')
  if (target === undefined) return `imports ${imported.specifier}, which is in no layer`
  if (target === name) return undefined
  if (target === ADDON_LAYER) {
    const isAllowed = path === ADDON_IMPORTER && imported.kind === 'dynamic'
    return isAllowed
      ? undefined
      : `only ${ADDON_IMPORTER} may import ${ADDON_LAYER}, and with import()`
  }
  const rank = LAYERS[target]?.rank ?? Infinity
  if (rank < layer.rank || layer.exceptions?.includes(target) === true) return undefined
  const relation = rank === layer.rank ? 'of the same rank' : 'of a higher rank'
  return `${name} may not import ${target}, ${relation}: move what both need down`
}

function entryFileProblems({ path, code }: Source, imports: readonly Import[]): readonly string[] {
  const problems = imports
    .filter(({ file }) => ['cli', ADDON_LAYER].includes(layerOf(file ?? '') ?? ADDON_LAYER))
    .map(({ line, specifier }) => `${path}:${line} may not re-export ${specifier}`)
  const exports = findSequence(code, ['export']).length
  const froms = code.filter(
    ({ text }, index) => text === 'from' && code[index + 1]?.kind === 'string',
  )
  if (
    exports !== imports.length ||
    froms.length !== exports ||
    findSequence(code, ['import']).length > 0
  ) {
    problems.push(`${path} may hold nothing but \`export … from\``)
  }
  return problems
}

/** Returns the layer of a file of `src`. */
function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS).find((name) => path.startsWith(`src/${name}/`))
}
