/** The `ts` fences of a document as programs, and the values that they are to print. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format } from 'node:util'
import { fencesOf } from './fences.ts'
import { GROUPS } from './operators-page.ts'

/** One block, in a file of its own. */
export interface CodeBlock {
  /** Its document and line: `README.md:12`. */
  readonly location: string
  readonly file: string
  /** False for ` ```ts no-run ` and ` ```ts usage `: only their types are checked. */
  readonly isRun: boolean
  /** True for ` ```ts test `: a test file. */
  readonly isTest: boolean
  /** The values that its comments say it prints. */
  readonly expectedOutput: readonly string[]
}

const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
const CONSOLE_LOG = /console\.log\(.*\/\/ (.*)$/
const CONTINUATION = /^\s*\/\/ (.*)$/
/** The kinds of blocks. */
export const BLOCK = /^ts( no-run| test| usage)?$/
/** What a ` ```ts usage ` leaves out, in one line. */
const USAGE_PRELUDE = [
  "import * as t from 'io-ts'",
  "import { catchError, filter, mergeMap, of, takeUntil, timer } from 'rxjs'",
  `import { ${[...Object.values(GROUPS).flat(), 'defineRequest'].join(', ')} } from 'rx-cluster'`,
  "declare const node: import('rx-cluster').ClusterNode",
  "declare const Vote: t.Type<{ type: 'vote'; term: number }>",
  'declare const save: (message: unknown) => Promise<void>',
].join(';')
/** Stands for the text of the next fence that has no language. */
const NEXT_FENCE = '↓ below'

/** A git-ignored folder in the repository, so that blocks find its packages and types. */
function folderOf(path: string): URL {
  return new URL(`.blocks/${path.replaceAll(/\W/g, '-')}/`, import.meta.url)
}

/**
 * Writes every `ts` fence of a document to a file.
 *
 * @param text the document
 * @param path its path, which names the folder
 */
export function writeBlocks(text: string, path: string): readonly CodeBlock[] {
  const folder = folderOf(path)
  rmSync(folder, { recursive: true, force: true })
  const all = fencesOf(text)
  const fences = all.filter(({ info }) => BLOCK.test(info))
  if (fences.length === 0) return []
  mkdirSync(folder, { recursive: true })
  const config = { extends: '../../../../tsconfig.json', include: ['*.ts'] }
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false }
  writeFileSync(new URL('tsconfig.json', folder), JSON.stringify({ ...config, compilerOptions }))
  return fences.map(({ info, body, line }) => {
    const file = new URL(`line-${line + 1}.ts`, folder)
    const prelude = info === 'ts usage' ? USAGE_PRELUDE : ''
    writeFileSync(file, `${prelude}${'\n'.repeat(line)}${body}\n`)
    return {
      location: `${path}:${line + 1}`,
      file: fileURLToPath(file),
      isRun: info === 'ts',
      isTest: info === 'ts test',
      expectedOutput: expectedOutputOf(body).map((output) => {
        if (output !== NEXT_FENCE) return output
        const next = all.find((fence) => fence.line > line && fence.info === '')
        return formatPrinted([next?.body])
      }),
    }
  })
}

/** Removes the files that `writeBlocks` wrote. */
export function removeBlocks(path: string): void {
  rmSync(folderOf(path), { recursive: true, force: true })
}

/** The errors that tsc reports in the blocks of a document, without those in their imports. */
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
    const next: string | undefined = continues ? CONTINUATION.exec(line)?.[1] : undefined
    const value: string | undefined = CONSOLE_LOG.exec(line)?.[1] ?? next
    continues = value !== undefined
    if (value !== undefined) expectedOutput.push(value.trim())
  }
  return expectedOutput
}

/** The arguments of a `console.log` as one line. */
export function formatPrinted(args: readonly unknown[]): string {
  return format(...args).replaceAll(/\s+/g, ' ')
}
