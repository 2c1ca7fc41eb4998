/** Runs the stanza files; with `--rewrite`, redraws what stands below each `----`; with `--svg`, the pictures. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const USAGE = `usage: npm run marbles [-- --rewrite] [--svg]

Runs every stanza of marbles/ on virtual time, and looks whether its picture is up to date.

  --rewrite  writes what came out below each line "----"; read the difference
  --svg      draws every stanza to docs/marbles/, with an index; removes pictures without a stanza
  --help     says this

Both together: first the one, then the other.`

const words = process.argv.slice(2)
const unknown = words.filter((word) => !['--rewrite', '--svg', '--help'].includes(word))
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(' ')}\n${USAGE}`)
  process.exit(2)
}
if (words.includes('--help')) {
  console.log(USAGE)
  process.exit(0)
}
const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const [FILES, PICTURES] = ['test/marbles/files.test.ts', 'test/marbles/pictures.test.ts']

/** Runs some of the tests, and ends this process where they fail. */
function run(mode, ...files) {
  const env = { ...process.env, MARBLES: mode }
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--root', root, ...files], {
    stdio: 'inherit',
    env,
  })
  if (status !== 0) process.exit(status ?? 1)
}

if (words.includes('--rewrite')) run('rewrite', FILES)
if (words.includes('--svg')) run('svg', PICTURES)
if (words.length === 0) run('check', FILES, PICTURES)
