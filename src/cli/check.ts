/** `rx-cluster check`: prints what a config means, or every error in it. */
import { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { DEFAULT_LIMITS, type Limits } from '../model/limits.ts'
import { EXIT_HELP } from './exit-codes.ts'
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
      for (const line of describeConfig(path, await readConfig(path))) console.log(line)
    })
}

/** Describes a config in lines of text: its members, its limits, and who can connect to it. */
export function describeConfig(path: string, config: Config): string[] {
  const members = [...config.members.values()]
  const source = config.addressing === undefined ? 'a list of peers' : 'computed addresses'
  const exposed = members.filter(({ bind }) => !isLoopback(bind)).map(({ pid }) => pid)
  return [
    `${path} is valid: cluster ${config.cluster}, ${members.length} members, ${source}`,
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
  const valueWidth = Math.max(...LIMIT_KEYS.map((key) => String(config[key]).length))
  return LIMIT_KEYS.map((key) => {
    const value = String(config[key]).padStart(valueWidth)
    const note = config[key] === DEFAULT_LIMITS[key] ? '' : `(default ${DEFAULT_LIMITS[key]})`
    return `${key.padEnd(KEY_WIDTH)}  ${value}  ${note}`.trimEnd()
  })
}

function exposureWarning(pids: readonly number[], insecure: boolean): readonly string[] {
  const nodes = `${pids.length === 1 ? 'node' : 'nodes'} ${pids.join(', ')}`
  return [
    `Warning: other machines can reach ${nodes}, without authentication.`,
    insecure
      ? 'This is allowed, because insecure is true.'
      : 'This is refused at start, because insecure is not true.',
  ]
}
