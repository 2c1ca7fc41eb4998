/**
 * `npm run bench`: every comparison, or the named one.
 *
 * A comparison is a file of this folder that exports `about` (one line), `options` (`{ name: { default, about, min? } }`,
 * whole numbers), `run(settings, say)`, which returns what is printed as JSON, and `lines(result)`, which draws it for people.
 */
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'

/** In the order of the table; each is loaded only when it is needed. */
const NAMES = ['throughput', 'latency', 'pipelined', 'large', 'broadcast', 'flap', 'scale', 'memory', 'paused', 'idle', 'churn', 'simulate', 'explore', 'planted', 'plot']

const comparisons = new Map()
for (const name of NAMES) {
  const file = new URL(`${name}.js`, import.meta.url)
  if (existsSync(file)) comparisons.set(name, await import(file))
}

const first = process.argv[2]
const named = comparisons.get(first)
const options = named?.options ?? {}
const { values, positionals } = read()
if (values.help) {
  console.log(help())
  process.exit(0)
}
const settings = Object.fromEntries(Object.keys(options).map((name) => [name, wholeNumber(name)]))
if (positionals.length > 1) fail(`one comparison at a time, not ${positionals.join(' and ')}`)
if (positionals.length === 1 && named === undefined) fail(`there is no comparison "${positionals[0]}"`)

const machine = `${cpus().length} × ${cpus()[0].model}, Node ${process.version}`
const say = (line) => console.error(line)
const results = []
const usual = [...comparisons].filter(([, { apart }]) => apart !== true)
for (const [name, comparison] of named === undefined ? usual : [[first, named]]) {
  const chosen = named === undefined ? defaultsOf(comparison) : settings
  const result = await comparison.run(chosen, say)
  results.push(result)
  if (!values.json) console.log(`\n${name}: ${comparison.about}\n${comparison.lines(result).join('\n')}`)
}
if (values.json) console.log(JSON.stringify(named === undefined ? { machine, results } : { ...results[0], machine }))
else console.log(`\n${machine}`)

function read() {
  const own = Object.fromEntries(Object.keys(options).map((name) => [name, { type: 'string' }]))
  const shared = { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } }
  try {
    return parseArgs({ allowPositionals: true, options: { ...own, ...shared } })
  } catch (error) {
    return fail(error.message)
  }
}

function wholeNumber(name) {
  const { default: usual, min = 1 } = options[name]
  const number = values[name] === undefined ? usual : Number(values[name])
  if (!Number.isInteger(number) || number < min) fail(`--${name} takes a whole number from ${min} up`)
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
  const row = ([name, about]) => `  ${name.padEnd(20)}  ${about}`
  const own = Object.entries(options).map(([name, one]) => row([`--${name} <count>`, `${one.about} (default ${one.default})`]))
  return [
    `Usage: npm run -s bench -- [name] [options]`,
    `Measures rx-cluster beside others, in turn, in one run; without a name: everything.`,
    [...comparisons].map(([name, { about }]) => row([name, about])).join('\n'),
    ['Options:', ...own, row(['--json', 'end with one JSON object on the last line']), row(['--help', 'this text, with the options of the named one'])].join('\n'),
  ].join('\n\n')
}
