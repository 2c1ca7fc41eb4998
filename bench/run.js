/** `npm run bench`: every comparison, or the named one. */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import * as throughput from './throughput.js'

const comparisons = { throughput }

const HELP = `Usage: npm run -s bench -- [name] [options]

Compares rx-cluster with others, side by side in one run; each figure is the median of several runs.

${Object.entries(comparisons)
  .map(([name, { about }]) => `  ${name.padEnd(12)}  ${about}`)
  .join('\n')}

Options:
  --messages <count>  how many messages per run (default 1000000)
  --runs <count>      how many runs of each (default 5)
  --json              end with one JSON object on the last line
  --help              this text`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    messages: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const [name, ...more] = positionals
const [messages, runs] = [values.messages, values.runs].map(Number)
const wrong =
  more.length > 0 ||
  (name !== undefined && !(name in comparisons)) ||
  ![messages, runs].every((count) => Number.isInteger(count) && count > 0)
if (values.help || wrong) {
  ;(wrong ? console.error : console.log)(HELP)
  process.exit(wrong ? 2 : 0)
}

const machine = `${cpus().length} × ${cpus()[0].model}, Node ${process.version}`
const say = (line) => console.error(line)
const results = []
for (const one of name === undefined ? Object.keys(comparisons) : [name]) {
  results.push(await comparisons[one].run({ messages, runs, say }))
}
if (values.json) {
  console.log(JSON.stringify(name === undefined ? { machine, results } : { ...results[0], machine }))
} else {
  console.log(machine)
  for (const { name: title, perSecond, vsRaw } of results) {
    console.log(`\n${title}, messages per second`)
    for (const [who, value] of Object.entries(perSecond)) {
      console.log(`  ${who.padEnd(12)} ${value.toLocaleString('en-US').padStart(12)}`)
    }
    console.log(`  vsRaw        ${String(vsRaw).padStart(12)}`)
  }
}
