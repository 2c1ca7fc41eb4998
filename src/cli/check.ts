/** `rx-cluster check`: prints what a config means, or every error in it. */
import { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { DEFAULT_LIMITS, type Limits } from '../model/limits.ts'
import { EXIT, EXIT_HELP } from './exit-codes.ts'
import { formatInteger } from './numbers.ts'
import { isLoopback } from '../model/endpoint.ts'
import { readConfig } from '../config/read-config.ts'

const HELP = `
Example:
  rx-cluster check cluster.json
${EXIT_HELP}`

const LIMIT_KEYS = Object.keys(DEFAULT_LIMITS) as readonly (keyof Limits)[]
const KEY_WIDTH = Math.max(...LIMIT_KEYS.map((key) => key.length))

/** Creates the command `check`. */
export function checkCommand(): Command {
  return new Command('check')
    .description('validate a config, and print its members and limits')
    .argument('<config>', 'path of a JSON file')
    .addHelpText('after', HELP)
    .action(async (path: string) => {
      const config = await readConfig(path)
      for (const line of describeConfig(path, config)) console.log(line)
      if (exposedMembers(config).length > 0 && !config.insecure) process.exitCode = EXIT.address
    })
}

/** Returns the pids of the members that other machines can reach. */
function exposedMembers({ members }: Config): number[] {
  return [...members.values()].filter(({ bind }) => !isLoopback(bind)).map(({ pid }) => pid)
}

/** Describes a config in lines of text: its members, its limits, and who can connect to it. */
export function describeConfig(path: string, config: Config): string[] {
  const members = [...config.members.values()]
  const source = config.addressing === undefined ? 'a list of peers' : 'computed addresses'
  const exposed = exposedMembers(config)
  const count = `${members.length} ${members.length === 1 ? 'member' : 'members'}`
  return [
    `${path} is valid: cluster ${config.cluster}, ${count}, ${source}`,
    '',
    ...memberLines(members),
    '',
    ...limitLines(config),
    ...(exposed.length === 0 ? [] : ['', ...exposureWarning(exposed, config.insecure)]),
  ]
}

function memberLines(members: readonly { pid: number; endpoint: string; bind: string }[]) {
  const rows = [{ pid: 'pid', endpoint: 'endpoint', bind: 'binds to' }, ...members]
  const pidWidth = Math.max(...rows.map(({ pid }) => String(pid).length))
  const endpointWidth = Math.max(...rows.map(({ endpoint }) => endpoint.length))
  return rows.map(({ pid, endpoint, bind }) =>
    [String(pid).padStart(pidWidth), endpoint.padEnd(endpointWidth), bind].join('  '),
  )
}

function limitLines(config: Config): string[] {
  const values = LIMIT_KEYS.map((key) => limitText(key, config[key]))
  const valueWidth = Math.max(...values.map((value) => value.length))
  return LIMIT_KEYS.map((key, index) => {
    const value = (values[index] ?? '').padStart(valueWidth)
    const isDefault = config[key] === DEFAULT_LIMITS[key]
    const note = isDefault ? '' : `(default ${limitText(key, DEFAULT_LIMITS[key])})`
    return `${key.padEnd(KEY_WIDTH)}  ${value}  ${note}`.trimEnd()
  })
}

/** Formats a limit with its unit: `64 MiB`, `5,000 ms`. */
function limitText(key: keyof Limits, value: Limits[keyof Limits]): string {
  if (typeof value !== 'number') return value
  if (key.endsWith('Ms')) return value === Infinity ? 'Infinity' : `${formatInteger(value)} ms`
  return key.endsWith('Bytes') ? formatBytes(value) : formatInteger(value)
}

/** Formats a whole number of MiB or KiB as such, and any other number in bytes. */
function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${formatInteger(bytes / size)} ${unit}`
  }
  return `${formatInteger(bytes)} bytes`
}

function exposureWarning(pids: readonly number[], insecure: boolean): readonly string[] {
  const nodes = `${pids.length === 1 ? 'node' : 'nodes'} ${pids.join(', ')}`
  return [
    `Warning: other machines can reach ${nodes}, without authentication.`,
    insecure
      ? 'This is allowed, because insecure is true.'
      : 'This is refused at start, because insecure is not true. Exit code 4.',
  ]
}
