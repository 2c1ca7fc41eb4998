/** Runs the stanza files; with `--rewrite`, redraws what stands below each `----`. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const words = process.argv.slice(2)
const unknown = words.filter((word) => word !== '--rewrite')
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(' ')}\nusage: npm run marbles [-- --rewrite]`)
  process.exit(2)
}
const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const env = { ...process.env, MARBLES: words.includes('--rewrite') ? 'rewrite' : 'check' }
const run = spawnSync(
  process.execPath,
  [vitest, 'run', '--root', root, 'test/marbles/files.test.ts'],
  { stdio: 'inherit', env },
)
process.exit(run.status ?? 1)
