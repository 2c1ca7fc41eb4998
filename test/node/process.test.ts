/** Nodes in processes of their own: subscribers that throw, and too few descriptors. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const program = (name: string): string =>
  fileURLToPath(new URL(`programs/${name}.js`, import.meta.url))

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rx-cluster-'))
})
afterEach(() => rm(directory, { recursive: true }))

describe('a process with nodes', () => {
  it('goes on for the other subscribers when one throws, and exits by itself', async () => {
    const { stdout } = await run(process.execPath, [program('throwing'), directory], {
      timeout: 15_000,
    })
    expect(JSON.parse(stdout)).toEqual({
      before: [1, 2, 3],
      after: [1, 2, 3],
      uncaught: ['cannot handle 1', 'cannot handle 2', 'cannot handle 3'],
    })
  })

  it('suspects no peer because it stood still itself, and soon one that died meanwhile', async () => {
    const { stdout } = await run(process.execPath, [program('stalling')], { timeout: 40_000 })
    const { verdicts, suspectedMs } = JSON.parse(stdout) as Record<string, unknown>
    expect(verdicts).toEqual(['alive', 'killed', 'suspect'])
    // It stood still for 2 s of them.
    expect(suspectedMs).toBeLessThan(10_000)
  }, 45_000)

  it('survives a thread that ends without closing its node', async () => {
    const { stdout } = await run(process.execPath, [program('thread')], { timeout: 15_000 })
    expect(JSON.parse(stdout)).toEqual([0, 1])
  })

  it.skipIf(process.platform !== 'linux')(
    'that may not open enough descriptors gets an error with the numbers, and goes on',
    async () => {
      const command = `ulimit -n 200; exec ${process.execPath} ${program('crowded')}`
      const { stdout } = await run('sh', ['-c', command], { timeout: 15_000 })
      const output = JSON.parse(stdout) as Record<string, unknown>
      const needed =
        /^DESCRIPTORS_EXHAUSTED: 100 new links need 516 file descriptors, \d+ of 200 are free: raise/
      expect(output).toEqual({
        created: expect.stringMatching(needed),
        next: expect.stringMatching(needed),
        peers: 0,
        failed: [
          expect.any(Number),
          expect.stringMatching(/^DESCRIPTORS_EXHAUSTED: fewer than 16/),
        ],
      })
    },
  )
})
