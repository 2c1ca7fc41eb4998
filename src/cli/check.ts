/** `rx-cluster check <config>`: what a config means, or every problem in it. */
import { BAD_CONFIG, EXIT_CODES_HELP } from './exit-codes.ts'
import type { Config, Member } from '../model/config.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Command } from 'commander'
import { columns } from './columns.ts'
import { nodeConfig } from '../model/node-config.ts'
import { readConfig } from '../node/read-config.ts'

/** Adds the command. */
export function addCheck(program: Command): void {
  program
    .command('check')
    .description('Print what a config means, or every problem in it.')
    .argument('<config>', 'path of a JSON file')
    .addHelpText(
      'after',
      `
Examples:
  $ rx-cluster check config.json
  $ rx-cluster check config.json && rx-cluster up config.json 1
${EXIT_CODES_HELP}`,
    )
    .action(check)
}

async function check(path: string): Promise<void> {
  const config = await readConfig(path)
  console.log(meaningOf(path, config))
  const refusals = [...config.members.keys()].flatMap((pid) => refusalOf(config, pid))
  if (refusals.length === 0) return
  console.error(['', 'Not every node would start:', ...refusals].join('\n'))
  process.exitCode = BAD_CONFIG
}

function meaningOf(path: string, config: Config): string {
  const { cluster, members, addressing } = config
  const count = members.size === 1 ? '1 node' : `${members.size} nodes`
  const lines = [
    `${path} is a config of cluster ${JSON.stringify(cluster)} with ${count}.`,
    '',
    ...columns(['pid', 'the others connect to', 'it binds to'], [...members.values()].map(rowOf)),
  ]
  if (addressing !== undefined) {
    const { peersHandle, startAddress } = addressing
    lines.push('', `Any other pid would be at ${peersHandle}(${startAddress} + pid).`)
  }
  return [...lines, '', ...columns(['limit', 'value', ''], limitsOf(config))].join('\n')
}

function rowOf({ pid, endpoint, bind }: Member): string[] {
  return [String(pid), endpoint, bind === endpoint ? 'the same' : bind]
}

function limitsOf(config: Config): string[][] {
  return [
    ['startMsgId', String(config.startMsgId), 'the first msgId that is assigned'],
    ['bufSize', String(config.bufSize), 'envelopes that may wait for one peer'],
    ['bufBytes', bytes(config.bufBytes), 'and their bytes; whichever is reached first'],
    ['overflow', config.overflow, 'which envelope dies when that is full'],
    ['windowBytes', bytes(config.windowBytes), 'unacknowledged mail per peer'],
    ['maxMessageBytes', bytes(config.maxMessageBytes), 'the largest message'],
    ['onRestart', config.onRestart, 'unacknowledged mail when its receiver restarts'],
    ['ttlMs', ms(config.ttlMs), 'how long an envelope may wait to be written'],
    ['peerGoneMs', ms(config.peerGoneMs), 'how long a peer may be away'],
    ['closeTimeoutMs', ms(config.closeTimeoutMs), 'how long close waits for own mail'],
    ['insecure', String(config.insecure), 'whether other machines may reach it without keys'],
  ]
}

function refusalOf(config: Config, pid: number): string[] {
  try {
    nodeConfig(config, pid)
    return []
  } catch (error) {
    if (error instanceof ClusterError) return [`  ${error.code}: ${error.message}`]
    throw error
  }
}

function bytes(count: number): string {
  if (count % 2 ** 20 === 0) return `${count / 2 ** 20} MiB`
  return count % 2 ** 10 === 0 ? `${count / 2 ** 10} KiB` : `${count} B`
}

function ms(count: number): string {
  return count % 1000 === 0 ? `${count / 1000} s` : `${count} ms`
}
