/** `rx-cluster check`: what a config means, or every problem in it. */
import { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { DEFAULT_LIMITS, type Limits } from '../model/limits.ts'
import { EXIT_HELP } from './exit-codes.ts'
import { isLoopback } from '../model/endpoint.ts'
import { readConfig } from '../config/read-config.ts'
import { table } from './table.ts'

const HELP = `
Example:
  rx-cluster check cluster.json
${EXIT_HELP}`

/** The command. */
export function checkCommand(): Command {
  return new Command('check')
    .description('validate a config and print what it means, or every problem in it')
    .argument('<config>', 'the path of a JSON file')
    .addHelpText('after', HELP)
    .action(async (path: string) => {
      for (const line of describeConfig(path, await readConfig(path))) console.log(line)
    })
}

/** What a config means, as lines. */
export function describeConfig(path: string, config: Config): string[] {
  const members = [...config.members.values()]
  const form = config.addressing === undefined ? 'a list of peers' : 'computed addresses'
  const rows = members.map(({ pid, endpoint, bind }) => [String(pid), endpoint, bind])
  const limits = (Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]).map((key) => [
    key,
    String(config[key]),
    config[key] === DEFAULT_LIMITS[key] ? '' : `(default ${DEFAULT_LIMITS[key]})`,
  ])
  const exposed = members.filter(({ bind }) => !isLoopback(bind)).map(({ pid }) => pid)
  return [
    `${path}: cluster ${config.cluster}, ${members.length} members, ${form}`,
    '',
    ...table([['pid', 'endpoint', 'binds to'], ...rows], new Set([0])),
    '',
    ...table(limits, new Set([1])),
    ...(exposed.length === 0 ? [] : ['', exposureWarning(exposed, config.insecure)]),
  ]
}

function exposureWarning(pids: readonly number[], insecure: boolean): string {
  const subject = `${pids.join(', ')} can be reached from other machines, without keys`
  return insecure ? `insecure: ${subject}` : `${subject}: refused at start, unless insecure is true`
}
