/** The files that the guards read: paths, texts and tokens. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Token, codeOf, tokensOf } from './tokens.ts'

/** The folder of the repository, without a slash at the end. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A file as text. */
export interface TextFile {
  /** From the root of the repository, with slashes: `src/model/pid.ts`. */
  readonly path: string
  readonly text: string
}

/** A TypeScript file with its tokens. */
export interface Source extends TextFile {
  readonly tokens: readonly Token[]
  /** The tokens without the comments. */
  readonly code: readonly Token[]
}

/** Reads a file of the repository. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Lists the paths of the files in a folder and below it, without hidden folders and packages. */
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

/** Reads the files in a folder and below it whose names end with `ending`. */
export function filesBelow(folder: string, ending: string): readonly TextFile[] {
  return filesIn(folder)
    .filter((path) => path.endsWith(ending))
    .map((path) => ({ path, text: read(path) }))
}

/** Splits a TypeScript file into tokens. */
export function sourceOf(path: string, text: string): Source {
  const tokens = tokensOf(text)
  return { path, text, tokens, code: codeOf(tokens) }
}

/** Reads and splits every TypeScript file in a folder and below it. */
export function sourcesIn(folder: string): readonly Source[] {
  return filesBelow(folder, '.ts').map(({ path, text }) => sourceOf(path, text))
}

const COMMENT_OR_STRING =
  /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"|`(?:[^`\\]|\\[^])*`/g

/** Returns a file without its comments; line numbers stay the same. */
export function withoutComments(text: string): string {
  return text.replaceAll(COMMENT_OR_STRING, (found) =>
    found.startsWith('/') ? found.replaceAll(/[^\n]/g, '') : found,
  )
}
