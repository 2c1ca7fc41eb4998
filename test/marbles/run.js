/** Runs the marble tests; `--rewrite` updates their expected output, `--svg` their pictures. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const USAGE = `usage: npm run marbles [-- --rewrite] [--svg]

Runs every marble test of marbles/ in virtual time, and checks that its picture is up to date.

  --rewrite  replaces the lines below each "----" by the actual output; review the diff
  --svg      renders every marble test to docs/marbles/, with an index; removes other pictures
  --help     prints this text

With both options, --rewrite runs first.`

const options = process.argv.slice(2)
const unknown = options.filter((option) => !['--rewrite', '--svg', '--help'].includes(option))
if (unknown.length > 0) {
  console.error(`unknown option: ${unknown.join(' ')}\n${USAGE}`)
  process.exit(2)
}
if (options.includes('--help')) {
  console.log(USAGE)
  process.exit(0)
}
const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const [FILES, PICTURES] = ['test/marbles/files.test.ts', 'test/marbles/pictures.test.ts']

/** Runs test files, and exits if they fail. */
function run(mode, ...files) {
  const env = { ...process.env, MARBLES: mode }
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--root', root, ...files], {
    stdio: 'inherit',
    env,
  })
  if (status !== 0) process.exit(status ?? 1)
}

if (options.includes('--rewrite')) run('rewrite', FILES)
if (options.includes('--svg')) run('svg', PICTURES)
if (options.length === 0) run('check', FILES, PICTURES)
