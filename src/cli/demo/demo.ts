/** `rx-cluster demo`: processes broadcast over TCP, and their parent counts what each received. */
import { DemoRun, type DemoResult } from './run.ts'
import { EXIT, EXIT_HELP } from '../exit-codes.ts'
import { formatInteger, integerParser } from '../numbers.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { ClusterError } from '../../model/cluster-error.ts'
import { Command } from 'commander'
import { join } from 'node:path'
import { localConfig } from './local-config.ts'
import { progressView } from './progress.ts'
import { tmpdir } from 'node:os'

/** A port that was free may be taken when a node binds it: then all of it is tried again. */
const ATTEMPTS_MAX = 5

const PEERS_MAX = 200
const MESSAGES_MAX = 10_000_000

const HELP = `
Each process runs one node, and each node broadcasts numbered messages to all others. The
parent counts what the inboxes emitted. So lost and duplicated do not rely on the counters of
the nodes.

Examples:
  rx-cluster demo
  rx-cluster demo --peers 10 --messages 1000 --json

With --json, progress goes to stderr and stdout is one JSON object with the fields
  peers, sent, delivered, dead, lost, duplicated, seconds, perSecond
${EXIT_HELP}`

interface DemoOptions {
  readonly peers: number
  readonly messages: number
  readonly json?: boolean
}

/** Creates the command `demo`. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('start a cluster of processes on this machine and count what they deliver')
    .option('--peers <count>', 'number of processes', integerParser(2, PEERS_MAX), 5)
    .option('--messages <count>', 'broadcasts per process', integerParser(1, MESSAGES_MAX), 1000)
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', HELP)
    .action(demo)
}

async function demo({ peers, messages, json }: DemoOptions): Promise<void> {
  const out = json === true ? process.stderr : process.stdout
  for (const line of introduction(peers, messages)) out.write(`${line}\n`)
  const result = await runOnFreePorts(peers, messages, out)
  for (const line of json === true ? [JSON.stringify(result)] : summary(result)) console.log(line)
  if (!isFlawless(result)) process.exitCode = EXIT.failed
}

async function runOnFreePorts(
  peers: number,
  messages: number,
  out: NodeJS.WriteStream,
): Promise<DemoResult> {
  for (let attempt = 1; ; attempt++) {
    const directory = await mkdtemp(join(tmpdir(), 'rx-cluster-demo-'))
    try {
      const config = join(directory, 'config.json')
      await writeFile(config, JSON.stringify(await localConfig(peers), null, 2))
      return await runWithProgress(peers, messages, config, out)
    } catch (error) {
      const isAddressInUse = error instanceof ClusterError && error.code === 'ADDRESS_IN_USE'
      if (!isAddressInUse || attempt === ATTEMPTS_MAX) throw error
      out.write('another process took a port: starting again on other ports\n')
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
}

async function runWithProgress(
  peers: number,
  messages: number,
  config: string,
  out: NodeJS.WriteStream,
): Promise<DemoResult> {
  const run = new DemoRun(peers, messages, (line) => progress.log(line))
  const progress = progressView(out, () => run.rows())
  const onSignal = (signal: NodeJS.Signals): void => {
    progress.end()
    void run.kill().then(() => process.exit(signal === 'SIGINT' ? 130 : 143))
  }
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    return await run.run(config)
  } finally {
    progress.end()
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

function introduction(peers: number, messages: number): readonly string[] {
  const each = formatInteger(messages)
  const total = formatInteger(peers * (peers - 1) * messages)
  return [
    `Starting ${peers} processes with one node each, connected over TCP on this machine.`,
    `Each broadcasts ${each} messages to the other ${peers - 1}: ${total} deliveries are expected.`,
    '',
  ]
}

function isFlawless({ lost, duplicated, dead }: DemoResult): boolean {
  return lost === 0 && duplicated === 0 && dead === 0
}

function summary(result: DemoResult): readonly string[] {
  const { sent, delivered, dead, lost, duplicated, seconds, perSecond } = result
  return [
    '',
    `sent ${formatInteger(sent)}, delivered ${formatInteger(delivered)}, ` +
      `dead letters ${formatInteger(dead)}, ` +
      `lost ${formatInteger(lost)}, duplicated ${formatInteger(duplicated)}`,
    `${seconds.toFixed(3)} s, ${formatInteger(perSecond)} deliveries per second`,
    isFlawless(result)
      ? 'Every message was delivered exactly once.'
      : 'Not every message was delivered exactly once.',
  ]
}
