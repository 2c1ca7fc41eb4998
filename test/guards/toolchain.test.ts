/** Types, lint and format are tests like all others. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './sources.ts'

/** Runs a tool of this package and returns its complaints. */
function run(tool: string, ...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(join(ROOT, 'node_modules', '.bin', tool), args, { cwd: ROOT }, (error, out, err) => {
      resolve(error === null ? '' : `${tool} ${args.join(' ')}\n${out}${err}${error.message}`)
    })
  })
}

describe('the toolchain', () => {
  it('tsc accepts src, test and examples', { timeout: 60_000 }, async () => {
    expect(await run('tsc', '-p', 'tsconfig.json')).toBe('')
  })

  it('oxlint finds nothing', async () => {
    expect(await run('oxlint', '--deny-warnings')).toBe('')
  })

  it('prettier would change nothing in src', { timeout: 60_000 }, async () => {
    expect(await run('prettier', '--check', 'src')).toBe('')
  })
})
