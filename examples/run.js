/** Runs an example: `npm run example hello`. Compiles changed files first. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { spawnSync } from 'node:child_process'

const HERE = new URL('./', import.meta.url)
const BUILT = new URL('.built/', HERE)
const path = (url) => fileURLToPath(url)

/** Modules that the examples share. */
const SHARED = new Set(['elect', 'local-config', 'register'])

function examples() {
  return readdirSync(HERE)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .filter((name) => !SHARED.has(name))
}

function usage() {
  const lines = examples().map((name) => {
    const [first = ''] = readFileSync(new URL(`${name}.ts`, HERE), 'utf8').split('\n')
    return `  ${name.padEnd(20)}${first.replace(/^\/\*\* [^:]*: | \*\/$/g, '')}`
  })
  return ['Usage: npm run example <name>', '', ...lines].join('\n')
}

/** Runs node with these arguments, and returns its exit code. */
function run(...args) {
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
}

function build() {
  const tsc = path(new URL('../node_modules/typescript/bin/tsc', HERE))
  mkdirSync(BUILT, { recursive: true })
  // Inside that folder, `rx-cluster` is the compiled library.
  const self = { name: 'rx-cluster', type: 'module', exports: './src/index.js' }
  writeFileSync(new URL('package.json', BUILT), JSON.stringify(self))
  return run(tsc, '-p', path(new URL('tsconfig.json', HERE)))
}

const [name = '--help', ...args] = process.argv.slice(2)
if (name === '--help' || name === '-h') {
  console.log(usage())
} else if (!examples().includes(name)) {
  console.error(`There is no example ${JSON.stringify(name)}.\n\n${usage()}`)
  process.exitCode = 2
} else {
  process.exitCode = build() || run(path(new URL(`examples/${name}.js`, BUILT)), ...args)
}
