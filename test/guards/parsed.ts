/** Parsed: the files that the guards read, each with its tokens. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { type Token, codeOf, tokensOf } from './tokens.ts'

/** Where the repository stands. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** One file. */
export interface Source {
  /** From the root of the repository, with slashes: `src/model/pid.ts`. */
  readonly path: string
  readonly text: string
  readonly tokens: readonly Token[]
  /** The tokens without the comments. */
  readonly code: readonly Token[]
}

/** A file as the guards see it. */
export function sourceOf(path: string, text: string): Source {
  const tokens = tokensOf(text)
  return { path, text, tokens, code: codeOf(tokens) }
}

/** Every TypeScript file in a folder and below, without those in hidden folders. */
export function sourcesIn(folder: string): readonly Source[] {
  return filesIn(folder)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => sourceOf(path, readFileSync(join(ROOT, path), 'utf8')))
}

/** The paths of the files in a folder and below, in order. */
export function filesIn(folder: string): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      return entry.isDirectory() ? filesIn(path) : [path]
    })
    .toSorted()
}

/** A file of the repository, as text. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
