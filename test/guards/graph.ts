/** The graph: which files load which, when a program starts. */
import { importsOf } from './imports.ts'
import type { Source } from './parsed.ts'

/** What is reached from a file. */
export interface Closure {
  readonly files: readonly string[]
  /** Specifiers of packages as they are written: `fp-ts/lib/Either.js`. */
  readonly packages: readonly string[]
}

/**
 * What is loaded with a file before its first line runs: neither types nor what `import()` names.
 *
 * @param sources every file that may be reached
 * @param entry the path of the first
 */
export function closureOf(sources: readonly Source[], entry: string): Closure {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const files = new Set([entry])
  const packages = new Set<string>()
  for (const path of files) {
    const source = byPath.get(path)
    if (source === undefined) continue
    for (const { kind, file, specifier } of importsOf(source)) {
      if (kind !== 'static') continue
      if (file !== undefined) files.add(file)
      else if (specifier !== undefined) packages.add(specifier)
    }
  }
  return { files: [...files].toSorted(), packages: [...packages].toSorted() }
}

/**
 * Files that load each other in a circle.
 *
 * @param sources the files
 * @returns each circle once, from the first of its files in the alphabet: `a.ts → b.ts → a.ts`
 */
export function cyclesOf(sources: readonly Source[]): readonly string[] {
  const edges = new Map(
    sources.map((source) => {
      const files = importsOf(source).flatMap(({ kind, file }) => (kind === 'static' ? [file] : []))
      return [source.path, files.filter((file) => file !== undefined)] as const
    }),
  )
  const cycles = new Set<string>()
  const visited = new Set<string>()
  const visit = (path: string, ancestors: readonly string[]): void => {
    const start = ancestors.indexOf(path)
    if (start !== -1) cycles.add(formatCycle(ancestors.slice(start)))
    if (start !== -1 || visited.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...ancestors, path])
    visited.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return [...cycles]
}

function formatCycle(files: readonly string[]): string {
  const first = files.indexOf(files.toSorted()[0] ?? '')
  const rotated = [...files.slice(first), ...files.slice(0, first)]
  return [...rotated, rotated[0]].join(' → ')
}
