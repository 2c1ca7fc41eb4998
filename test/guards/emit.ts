/** Compiles the package into a git-ignored folder, since `dist` may be absent or stale. */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './sources.ts'

/** Output and exit code of a local program. */
export interface RunResult {
  readonly code: number | null
  readonly output: string
}

/** Runs a program of `node_modules` in the root of the repository. */
export function runLocal(script: string, ...args: readonly string[]): RunResult {
  const command = [join(ROOT, 'node_modules', script), ...args]
  const result = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' })
  return { code: result.status, output: `${result.stdout}${result.stderr}`.trim() }
}

/** The TypeScript compiler. */
export const TSC = 'typescript/bin/tsc'

/**
 * Compiles `src` as `npm run build` does, without comments.
 *
 * @param name the folder below `test/guards/.emitted`; each test file uses another one
 * @returns the path of the folder, from the root of the repository
 */
export function emit(name: string): string {
  const folder = `test/guards/.emitted/${name}`
  removeEmitted(name)
  const flags = ['--outDir', folder, '--removeComments']
  const { code, output } = runLocal(TSC, '-p', 'tsconfig.build.json', ...flags)
  if (code !== 0) throw new Error(`src does not compile:\n${output}`)
  return folder
}

/** Removes the folder that `emit` wrote. */
export function removeEmitted(name: string): void {
  rmSync(join(ROOT, 'test/guards/.emitted', name), { recursive: true, force: true })
}
