/**
 * `npm run faults`: every scenario, or the named one.
 *
 * A scenario is a file of this folder that exports
 * - `about`: one line;
 * - `options`: `{ name: { default, about, min?, choices? } }`, integers unless there are choices;
 * - `variants`: the settings of a run of all scenarios;
 * - `run(settings)`: returns the result that is printed as JSON, with `ok` and `problems`.
 */
import { parseArgs } from 'node:util'
import { endAll } from './child.js'
import { limitTo } from './run-harness.js'
import { table } from './table.js'

/** In the order of the table. */
const NAMES = [
  'resets',
  'outage',
  'stall',
  'sigstop',
  'blocked',
  'garbage',
  'fuzz',
  'port-taken',
  'restarts',
  'sender-restarts',
  'receiver-lost',
  'baseline',
]

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.once(signal, () => void endAll().then(() => process.exit(code)))
}

const scenarios = new Map()
for (const name of NAMES) scenarios.set(name, await import(`./${name}.js`))

const first = process.argv[2]
// It takes several names, and has a table of its own.
if (first === 'attacks') {
  const { runAttacks } = await import('./attacks.js')
  process.exit(await runAttacks(process.argv.slice(3)))
}
const named = scenarios.get(first)
const options = named?.options ?? {}
const { values, positionals } = read()
if (values.help) {
  console.log(help())
  process.exit(0)
}
if (positionals.length > 1) fail(`one scenario at a time, not ${positionals.join(' and ')}`)
if (positionals.length === 1 && named === undefined) fail(`unknown scenario "${positionals[0]}"`)

if (values.limit !== undefined) limitTo(setting('limit', {}, values.limit))

const results = []
if (named !== undefined) results.push(await once(first, settingsOf(named, values)))
else
  for (const [name, one] of scenarios)
    for (const variant of one.variants) results.push(await once(name, settingsOf(one, variant)))

if (values.json)
  console.log(
    JSON.stringify(
      named === undefined ? { ok: results.every(({ ok }) => ok), results } : results[0],
    ),
  )
else console.log(table(results).join('\n'))
process.exit(results.every(({ ok }) => ok) ? 0 : 1)

/** Runs a scenario once. A run that throws has a result, too. */
async function once(name, settings) {
  const words = Object.entries(settings).map(([key, value]) => `--${key} ${value}`)
  console.error(`${name} ${words.join(' ')}`)
  try {
    const { problems = [], ...result } = await scenarios.get(name).run(settings)
    for (const problem of problems) console.error(`  ${problem}`)
    return { scenario: name, ...settings, ...result, ...(result.ok ? {} : { problems }) }
  } catch (error) {
    console.error(error.stack)
    return { scenario: name, ...settings, ok: false, problems: [error.message] }
  }
}

function read() {
  const own = Object.fromEntries(Object.keys(options).map((name) => [name, { type: 'string' }]))
  const shared = {
    json: { type: 'boolean', default: false },
    limit: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  }
  try {
    return parseArgs({ allowPositionals: true, options: { ...own, ...shared } })
  } catch (error) {
    return fail(error.message)
  }
}

function settingsOf(scenario, given) {
  return Object.fromEntries(
    Object.entries(scenario.options).map(([name, option]) => [
      name,
      setting(name, option, given[name]),
    ]),
  )
}

function setting(name, { default: usual, min = 1, choices }, given = usual) {
  if (choices !== undefined) {
    if (!choices.includes(given)) fail(`--${name} is one of ${choices.join(', ')}`)
    return given
  }
  const number = Number(given)
  if (!Number.isInteger(number) || number < min) fail(`--${name} takes an integer from ${min} up`)
  return number
}

function fail(message) {
  console.error(`${message}\n\n${help()}`)
  process.exit(2)
}

function help() {
  const row = ([name, about]) => `  ${name.padEnd(20)}  ${about}`
  const own = Object.entries(options).map(([name, one]) =>
    row([
      `--${name} <${one.choices?.join('|') ?? 'count'}>`,
      `${one.about} (default ${one.default})`,
    ]),
  )
  return [
    `Usage: npm run -s faults -- [scenario] [options]\n       npm run -s faults -- attacks --help`,
    `Injects faults into real processes and checks what was delivered; without a scenario: all of them.\nExit code 1 when a check fails.`,
    [...scenarios].map(([name, { about }]) => row([name, about])).join('\n'),
    [
      'Options:',
      ...own,
      row(['--limit <seconds>', 'time limit of each run']),
      row(['--json', 'end with one JSON object on the last line']),
      row(['--help', 'this text, with the options of the named scenario']),
    ].join('\n'),
  ].join('\n\n')
}
