/** Blocks: the `ts` fences of a document as programs, and what they say that they print. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format } from 'node:util'
import { fencesOf } from './fences.ts'

/** One block, written to a file of its own. */
export interface CodeBlock {
  /** Where it stands: `README.md:12`. */
  readonly location: string
  readonly file: string
  /** False for ` ```ts no-run `: its types are checked, and that is all. */
  readonly isRun: boolean
  /** ` ```ts test `: it is a test file. */
  readonly isTest: boolean
  /** What its comments say that it prints. */
  readonly expectedOutput: readonly string[]
}

const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
const CONSOLE_LOG = /console\.log\(.*\/\/ (.*)$/
const CONTINUATION = /^\s*\/\/ (.*)$/

/** A git-ignored folder in the repository, so that blocks find its packages and its types. */
function folderOf(path: string): URL {
  return new URL(`.blocks/${path.replaceAll(/\W/g, '-')}/`, import.meta.url)
}

/**
 * Writes every `ts` fence of a document to a file.
 *
 * @param text the document
 * @param path its path, which also names the folder
 */
export function writeBlocks(text: string, path: string): readonly CodeBlock[] {
  const folder = folderOf(path)
  rmSync(folder, { recursive: true, force: true })
  const fences = fencesOf(text).filter(({ info }) => /^ts( no-run| test)?$/.test(info))
  if (fences.length === 0) return []
  mkdirSync(folder, { recursive: true })
  const config = { extends: '../../../../tsconfig.json', include: ['*.ts'] }
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false }
  writeFileSync(new URL('tsconfig.json', folder), JSON.stringify({ ...config, compilerOptions }))
  return fences.map(({ info, body, line }) => {
    const file = new URL(`line-${line + 1}.ts`, folder)
    writeFileSync(file, `${'\n'.repeat(line)}${body}\n`)
    return {
      location: `${path}:${line + 1}`,
      file: fileURLToPath(file),
      isRun: info === 'ts',
      isTest: info === 'ts test',
      expectedOutput: expectedOutputOf(body),
    }
  })
}

/** Removes what `writeBlocks` wrote. */
export function removeBlocks(path: string): void {
  rmSync(folderOf(path), { recursive: true, force: true })
}

/** What tsc says about the blocks of a document, and not about what they import. */
export function checkTypes(path: string): string {
  const folder = fileURLToPath(folderOf(path))
  const run = spawnSync(process.execPath, [TSC, '-p', folder], { encoding: 'utf8' })
  const lines = `${run.stdout}${run.stderr}`.split('\n')
  return lines.filter((line) => /^error|\.blocks\b/.test(line)).join('\n')
}

/** The comment behind each `console.log`, and the comments alone on the lines after it. */
export function expectedOutputOf(body: string): readonly string[] {
  const expectedOutput: string[] = []
  let continues = false
  for (const line of body.split('\n')) {
    const continuation: string | undefined = continues ? CONTINUATION.exec(line)?.[1] : undefined
    const comment: string | undefined = CONSOLE_LOG.exec(line)?.[1] ?? continuation
    continues = comment !== undefined
    if (comment !== undefined) expectedOutput.push(comment.trim())
  }
  return expectedOutput
}

/** What `console.log` printed, as one line each. */
export function formatPrinted(args: readonly unknown[]): string {
  return format(...args).replaceAll(/\s+/g, ' ')
}
