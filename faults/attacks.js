/** `npm run -s faults -- attacks`: runs attacks against a real node, and prints a row for each. */
import { parseArgs } from 'node:util'
import { runAttack } from './attacks/run-attack.js'
import { ATTACKS, attackNamed } from './attacks/catalogue.js'

const SECONDS = 10
const HELP = `Usage: npm run -s faults -- attacks [name…] [options]

Attacks a node between an honest peer and an attacker at \`nice 19\`. Exit code 1 when the node
crashes, accepts a spoof, or the honest peer loses anything.

  --seconds <count>       how long each attack takes (default ${SECONDS})
  --keys, --no-keys       with keys (default), or without
  --as outsider|member    with keys: one without a key of a peer, or a peer (default: both)
  --no-control            without the run against a bare ROUTER
  --json                  end with one JSON object on the last line
  --list                  the attacks, and what each does
  --help                  this text`

/** Runs the command. @returns the exit code */
export async function runAttacks(args) {
  let options
  try {
    options = read(args)
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`)
    return 2
  }
  const { values, attacks, roles, ...settings } = options
  if (values.help) return print([HELP])
  if (values.list) return print(ATTACKS.map(listed))
  const rows = []
  if (!values.json) print([lineOf(HEAD)])
  for (const as of roles) {
    for (const attack of attacks) {
      const row = await once(attack, as, settings)
      rows.push(row)
      const line = lineOf(cellsOf(row))
      if (values.json) console.error(line)
      else console.log(line)
      for (const text of [row.problem, row.crash])
        if (text !== undefined) console.error(`  ${text}`)
    }
  }
  const total = totalOf(rows)
  if (values.json) console.log(JSON.stringify({ ...total, rows }))
  else print(['', JSON.stringify(total)])
  return rows.every((row) => !isWrong(row)) ? 0 : 1
}

function read(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: `${SECONDS}` },
      keys: { type: 'boolean', default: false },
      'no-keys': { type: 'boolean', default: false },
      as: { type: 'string' },
      'no-control': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const seconds = Number(values.seconds)
  if (!(seconds >= 1)) throw new Error('--seconds takes a number from 1 up')
  if (values.keys && values['no-keys']) throw new Error('either --keys or --no-keys')
  if (values['no-keys'] && values.as !== undefined) throw new Error('--as needs keys')
  if (![undefined, 'outsider', 'member'].includes(values.as))
    throw new Error('--as is outsider or member')
  const unknown = positionals.filter((name) => attackNamed(name) === undefined)
  if (unknown.length > 0) throw new Error(`unknown attack: ${unknown.join(', ')}; see --list`)
  const attacks = positionals.length === 0 ? ATTACKS : positionals.map(attackNamed)
  const keyed = values.as === undefined ? ['outsider', 'member'] : [values.as]
  const hasControl = !values['no-control']
  return { values, attacks, seconds, hasControl, roles: values['no-keys'] ? ['anyone'] : keyed }
}

async function once(attack, as, settings) {
  try {
    return await runAttack(attack, as, settings)
  } catch (error) {
    return { attack: attack.name, as, problem: error.stack }
  }
}

function isWrong({ problem, crashed, accepted, lost, duplicates, prototypesChanged }) {
  return problem !== undefined || crashed || accepted + lost + duplicates > 0 || prototypesChanged
}

function totalOf(rows) {
  const sum = (name) => rows.reduce((total, row) => total + Number(row[name] ?? 0), 0)
  const max = (name) => rows.reduce((most, row) => Math.max(most, row[name] ?? 0), 0)
  return {
    attacks: rows.length,
    crashed: sum('crashed'),
    accepted: sum('accepted'),
    honestLost: sum('lost'),
    growthMbMax: max('growthMb'),
    loopDelayMsMax: max('loopDelayMs'),
  }
}

const HEAD = [
  ...['attack', 'as', 'crashed', 'growth MiB', 'loop ms: attack / control', 'sent', 'receipts'],
  ...['lost', 'p99 ms: base > attack / control', 'accepted', ''],
]
const WIDTHS = [22, 8, 7, 10, 25, 7, 8, 5, 31, 8, 6]

function cellsOf(row) {
  const { attack, as } = row
  if (row.problem !== undefined) return [attack, as, ...HEAD.slice(3).map(() => ''), 'WRONG']
  const words = [
    ...[attack, as, row.crashed ? (row.documented ?? 'yes') : 'no', row.growthMb],
    `${row.loopDelayMs ?? '-'} / ${row.loopDelayControlMs ?? '-'}`,
    ...[row.sent, row.receipts, row.lost],
    `${row.p99BaseMs ?? '-'} > ${row.p99AttackMs ?? '-'} / ${row.p99ControlMs ?? '-'}`,
    row.accepted,
  ]
  return [...words.map((word) => `${word ?? '-'}`), isWrong(row) ? 'WRONG' : 'ok']
}

function lineOf(cells) {
  const pad = (cell, index) =>
    index < 2 ? cell.padEnd(WIDTHS[index]) : cell.padStart(WIDTHS[index])
  return cells.map(pad).join('  ')
}

function listed({ name, letter, finding = '', about }) {
  return `${letter}  ${name.padEnd(22)}  ${finding.padEnd(3)} ${about}`
}

function print(lines) {
  for (const line of lines) console.log(line)
  return 0
}
