/** Import graph: the files that a program loads, and circles of imports. */
import { importsOf } from './imports.ts'
import type { Source } from './sources.ts'

/** All that a file loads. */
export interface Closure {
  readonly files: readonly string[]
  /** Specifiers of packages as written: `fp-ts/lib/Either.js`. */
  readonly packages: readonly string[]
}

/**
 * Returns what is loaded before the first line of a file runs: neither types nor what `import()`
 * names.
 *
 * @param sources every file that may be reached
 * @param entry the path of the first file
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
 * Returns the circles of imports, type imports included: two files that need each other's types
 * hold one idea, or both need a third file.
 *
 * @param sources the files to look at
 * @returns each circle once, from its alphabetically first file: `a.ts → b.ts → a.ts`
 */
export function cyclesOf(sources: readonly Source[]): readonly string[] {
  const edges = new Map(
    sources.map((source) => [source.path, importsOf(source).flatMap(({ file }) => file ?? [])]),
  )
  const cycles = new Set<string>()
  const visited = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start !== -1) cycles.add(formatCycle(trail.slice(start)))
    if (start !== -1 || visited.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
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
