/** Sources: the files that the guards read. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the repository stands, without a slash at the end. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** One file. */
export interface Source {
  /** From the root of the repository, with slashes: `src/model/pid.ts`. */
  readonly path: string
  readonly text: string
}

/** The files in a folder and below that end so, without those in hidden folders. */
export function filesBelow(folder: string, ending: string): readonly Source[] {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .flatMap((entry): readonly Source[] => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return filesBelow(path, ending)
      return path.endsWith(ending) ? [{ path, text: readFileSync(join(ROOT, path), 'utf8') }] : []
    })
}

const COMMENT_OR_STRING =
  /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"|`(?:[^`\\]|\\[^])*`/g

/** A file without its comments; its lines stay where they are. */
export function withoutComments(text: string): string {
  return text.replaceAll(COMMENT_OR_STRING, (found) =>
    found.startsWith('/') ? found.replaceAll(/[^\n]/g, '') : found,
  )
}
