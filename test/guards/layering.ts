/** The house: which folder may import which, and which packages each may use. */
import { type Import, importsOf } from './imports.ts'
import type { Source } from './parsed.ts'
import { findSequence } from './tokens.ts'

interface Layer {
  readonly rank: number
  readonly packages: readonly string[]
  /** Rooms of its own floor that it may import all the same, and why. */
  readonly exceptions?: readonly string[]
}

/** Every folder of `src`, from the ground up: a folder that is not in this list is a failure. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  model: { rank: 0, packages: ['io-ts', 'fp-ts'] },
  core: { rank: 1, packages: [] },
  ports: { rank: 2, packages: ['rxjs'] },
  watch: { rank: 3, packages: ['rxjs'] },
  operators: { rank: 4, packages: ['rxjs'] },
  marbles: { rank: 5, packages: ['rxjs', 'node:util'] },
  'transports/memory': { rank: 5, packages: ['rxjs'] },
  'transports/codec': { rank: 5, packages: ['rxjs', 'node:buffer'] },
  'transports/zmq': {
    rank: 5,
    packages: ['rxjs', 'zeromq', 'node:*'],
    exceptions: ['transports/memory'], // D-011
  },
  node: { rank: 6, packages: ['rxjs', 'node:fs', 'node:fs/promises'] },
  // Before the room it stands in: a file is in the first room that its path begins with.
  'simulation/explore': {
    rank: 8,
    packages: ['rxjs', 'node:os', 'node:util', 'node:worker_threads'],
  },
  simulation: {
    rank: 7,
    packages: ['rxjs', 'node:async_hooks', 'node:module', 'node:url', 'node:util'],
  },
  cli: { rank: 9, packages: ['rxjs', 'commander', 'node:*'] },
}

/** The files at the top of `src`; they re-export, and do nothing else. */
const ENTRY_FILES = new Set(['src/index.ts', 'src/testing.ts'])
/** The room of the native addon, and the one file that reaches it, at run time. */
const ADDON_LAYER = 'transports/zmq'
const ADDON_IMPORTER = 'src/node/create-node.ts'
/** The one file that loads a module of the user's, whose name is known only at run time. */
const SCENARIO_IMPORTER = 'src/simulation/explore/crew.ts'
/** What a file in `core` cannot take for granted in another runtime. */
const RUNTIME_GLOBALS = ['process', 'global', 'require', 'setImmediate', '__dirname', '__filename']

/**
 * What is wrong with the imports of `src`, one line for each problem.
 *
 * @param sources every file of `src`; none at all is a problem
 */
export function layeringProblems(sources: readonly Source[]): readonly string[] {
  if (sources.length === 0) return ['no files were found: the guard has looked at nothing']
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
  if (name === undefined) return [`${path} is in no room: see ROOMS in test/guards/house.ts`]
  const problems = imports.flatMap((imported) => {
    const problem = importProblem(path, name, imported)
    return problem === undefined ? [] : [`${path}:${imported.line} ${problem}`]
  })
  if (name !== 'core') return problems
  const globals = RUNTIME_GLOBALS.flatMap((word) => findSequence(code, [word]))
  const globalProblems = globals.map(
    ({ line, text }) => `${path}:${line} core uses ${text}: pass it in`,
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
  if (target === undefined) return `imports ${imported.specifier}, which is in no room`
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

/** The name of the room that a file of `src` is in. */
function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS).find((name) => path.startsWith(`src/${name}/`))
}
