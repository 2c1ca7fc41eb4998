/**
 * `npm run bench`: every benchmark, or the named one.
 *
 * A benchmark is a file of this folder that exports
 * - `about`: one line;
 * - `options`: `{ name: { default, about, min? } }`, integers, or flags whose default is `false`;
 * - `run(settings, log)`: returns the result that is printed as JSON;
 * - `lines(result)`: draws the result;
 * - `figures` and `measure(settings, log)`, where builds can be compared: see `against.js`;
 * - `onlyByName`: true where it does not belong to a run of all of them.
 */
import { compareBuilds, comparisonLines } from './against.js'
import { cpus } from 'node:os'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** In the order of the table. */
const NAMES = [
  'throughput',
  'latency',
  'pipelined',
  'large',
  'broadcast',
  'flap',
  'scale',
  'memory',
  'paused',
  'idle',
  'churn',
  'peers',
  'codec',
  'decode',
  'simulate',
  'explore',
  'planted',
  'plot',
]

const benchmarks = new Map()
for (const name of NAMES) {
  const file = new URL(`${name}.js`, import.meta.url)
  if (existsSync(file)) benchmarks.set(name, await import(file))
}

const first = process.argv[2]
const named = benchmarks.get(first)
const options = named?.options ?? {}
const { values, positionals } = read()
if (values.help) {
  console.log(help())
  process.exit(0)
}
const settings = Object.fromEntries(Object.keys(options).map((name) => [name, setting(name)]))
const alternations = integer('alternations', { default: 7 })
if (positionals.length > 1) fail(`one benchmark at a time, not ${positionals.join(' and ')}`)
if (positionals.length === 1 && named === undefined) fail(`unknown benchmark "${positionals[0]}"`)

const machine = `${cpus().length} × ${cpus()[0].model}, Node ${process.version}`
const log = (line) => console.error(line)

if (values.against === undefined) await runAll()
else await compare()

async function runAll() {
  const results = []
  const chosen =
    named === undefined
      ? [...benchmarks].filter(([, { onlyByName }]) => onlyByName !== true)
      : [[first, named]]
  for (const [name, benchmark] of chosen) {
    const result = await benchmark.run(named === undefined ? defaultsOf(benchmark) : settings, log)
    results.push(result)
    if (!values.json) {
      console.log(`\n${name}: ${benchmark.about}\n${benchmark.lines(result).join('\n')}`)
    }
  }
  finish(named === undefined ? { results } : results[0])
}

async function compare() {
  if (named === undefined) fail('--against needs the name of a benchmark')
  if (named.measure === undefined) {
    const able = [...benchmarks].filter(([, { measure }]) => measure !== undefined)
    fail(`${first} cannot compare builds; these can: ${able.map(([name]) => name).join(', ')}`)
  }
  let result
  try {
    result = await compareBuilds(named, settings, { directory: values.against, alternations, log })
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
  if (!values.json) console.log(`\n${first}: ${named.about}\n${comparisonLines(result).join('\n')}`)
  if (result.figures.some(({ verdict }) => verdict === 'WORSE')) process.exitCode = 1
  finish({ name: first, ...settings, ...result })
}

function finish(result) {
  if (values.json) console.log(JSON.stringify({ ...result, machine }))
  else console.log(`\n${machine}`)
}

function read() {
  const own = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      { type: option.default === false ? 'boolean' : 'string' },
    ]),
  )
  const shared = {
    against: { type: 'string' },
    alternations: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  }
  try {
    return parseArgs({ allowPositionals: true, options: { ...own, ...shared } })
  } catch (error) {
    return fail(error.message)
  }
}

function setting(name) {
  return options[name].default === false ? values[name] === true : integer(name)
}

function integer(name, { default: usual, min = 1 } = options[name]) {
  const number = values[name] === undefined ? usual : Number(values[name])
  if (!Number.isInteger(number) || number < min) fail(`--${name} takes an integer from ${min} up`)
  return number
}

function defaultsOf({ options: all }) {
  return Object.fromEntries(Object.entries(all).map(([name, { default: usual }]) => [name, usual]))
}

function fail(message) {
  console.error(`${message}\n\n${help()}`)
  process.exit(2)
}

function help() {
  const row = ([name, about]) => `  ${name.padEnd(24)}  ${about}`
  const own = Object.entries(options).map(([name, option]) =>
    option.default === false
      ? row([`--${name}`, option.about])
      : row([`--${name} <count>`, `${option.about} (default ${option.default})`]),
  )
  const shared = [
    ['--against <directory>', 'compare with the build of another tree; exit code 1 when worse'],
    ['--alternations <count>', 'measurements of each build with --against (default 7)'],
    ['--json', 'end with one JSON object on the last line'],
    ['--help', 'this text, with the options of the named benchmark'],
  ].map(row)
  return [
    `Usage: npm run -s bench -- [name] [options]`,
    `Measures rx-cluster and other libraries alternately in one run; without a name: all benchmarks.`,
    [...benchmarks].map(([name, { about }]) => row([name, about])).join('\n'),
    ['Options:', ...own, ...shared].join('\n'),
  ].join('\n\n')
}
