/** The house: which folder may import which, and which packages each may use. */
import { type Import, importsOf } from './imports.ts'
import type { Source } from './parsed.ts'
import { findRun } from './tokens.ts'

interface Room {
  readonly floor: number
  readonly packages: readonly string[]
  /** Rooms of its own floor that it may import all the same, and why. */
  readonly neighbours?: readonly string[]
}

/** Every folder of `src`, from the ground up: a folder that is not in this list is a failure. */
export const ROOMS: Readonly<Record<string, Room>> = {
  model: { floor: 0, packages: ['io-ts', 'fp-ts'] },
  core: { floor: 1, packages: [] },
  ports: { floor: 2, packages: ['rxjs'] },
  watch: { floor: 3, packages: ['rxjs'] },
  operators: { floor: 4, packages: ['rxjs'] },
  marbles: { floor: 5, packages: ['rxjs', 'node:util'] },
  'transports/memory': { floor: 5, packages: ['rxjs'] },
  'transports/codec': { floor: 5, packages: ['rxjs', 'node:buffer'] },
  'transports/zmq': {
    floor: 5,
    packages: ['rxjs', 'zeromq', 'node:*'],
    neighbours: ['transports/memory'], // D-011
  },
  node: { floor: 6, packages: ['rxjs', 'node:fs', 'node:fs/promises'] },
  // Before the room it stands in: a file is in the first room that its path begins with.
  'simulation/explore': {
    floor: 8,
    packages: ['rxjs', 'node:os', 'node:util', 'node:worker_threads'],
  },
  simulation: {
    floor: 7,
    packages: ['rxjs', 'node:async_hooks', 'node:module', 'node:url', 'node:util'],
  },
  cli: { floor: 9, packages: ['rxjs', 'commander', 'node:*'] },
}

/** The files at the top of `src`; they re-export, and do nothing else. */
const TOP = new Set(['src/index.ts', 'src/testing.ts'])
/** The room of the native addon, and the one file that reaches it, at run time. */
const ADDON_ROOM = 'transports/zmq'
const ADDON_DOOR = 'src/node/create-node.ts'
/** The one file that loads a module of the user's, whose name is known only at run time. */
const SCENARIO_DOOR = 'src/simulation/explore/crew.ts'
/** What a file in `core` cannot take for granted in another runtime. */
const RUNTIME_GLOBALS = ['process', 'global', 'require', 'setImmediate', '__dirname', '__filename']

/**
 * What is wrong with the imports of `src`, one line for each problem.
 *
 * @param sources every file of `src`; none at all is a problem
 */
export function houseProblems(sources: readonly Source[]): readonly string[] {
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
  if (TOP.has(path)) return topProblems(source, imports)
  const name = roomOf(path)
  if (name === undefined) return [`${path} is in no room: see ROOMS in test/guards/house.ts`]
  const problems = imports.flatMap((one) => {
    const problem = importProblem(path, name, one)
    return problem === undefined ? [] : [`${path}:${one.line} ${problem}`]
  })
  if (name !== 'core') return problems
  const globals = RUNTIME_GLOBALS.flatMap((word) => findRun(code, [word]))
  const said = globals.map(({ line, text }) => `${path}:${line} core uses ${text}: pass it in`)
  return [...problems, ...said]
}

function importProblem(path: string, name: string, one: Import): string | undefined {
  const room = ROOMS[name]
  if (path === SCENARIO_DOOR && one.kind === 'dynamic' && one.specifier === undefined) {
    return undefined
  }
  if (room === undefined || one.specifier === undefined) return 'imports what cannot be read'
  if (one.package !== undefined) {
    const kind = one.package.startsWith('node:') ? 'node:*' : one.package
    if (room.packages.includes(kind) || room.packages.includes(one.package)) return undefined
    return `${name} may not use ${one.package}, only: ${room.packages.join(', ') || 'no package'}`
  }
  const target = roomOf(one.file ?? '')
  if (target === undefined) return `imports ${one.specifier}, which is in no room`
  if (target === name) return undefined
  if (target === ADDON_ROOM) {
    const door = path === ADDON_DOOR && one.kind === 'dynamic'
    return door ? undefined : `only ${ADDON_DOOR} may import ${ADDON_ROOM}, and with import()`
  }
  const floor = ROOMS[target]?.floor ?? Infinity
  if (floor < room.floor || room.neighbours?.includes(target) === true) return undefined
  const where = floor === room.floor ? 'a neighbour on its floor' : 'on a higher floor'
  return `${name} may not import ${target}, ${where}: move what both need down`
}

function topProblems({ path, code }: Source, imports: readonly Import[]): readonly string[] {
  const problems = imports
    .filter(({ file }) => ['cli', ADDON_ROOM].includes(roomOf(file ?? '') ?? ADDON_ROOM))
    .map(({ line, specifier }) => `${path}:${line} may not re-export ${specifier}`)
  const exports = findRun(code, ['export']).length
  const froms = code.filter(
    ({ text }, index) => text === 'from' && code[index + 1]?.kind === 'string',
  )
  if (
    exports !== imports.length ||
    froms.length !== exports ||
    findRun(code, ['import']).length > 0
  ) {
    problems.push(`${path} may hold nothing but \`export … from\``)
  }
  return problems
}

/** The name of the room that a file of `src` is in. */
function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS).find((name) => path.startsWith(`src/${name}/`))
}
