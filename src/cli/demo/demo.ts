/**
 * `rx-cluster demo`: real processes talk to each other over TCP, and their parent counts what each
 * of them saw.
 */
import { DemoRun, type DemoResult } from './run.ts'
import { EXIT, EXIT_HELP } from '../exit-codes.ts'
import { formatInteger, parseInteger } from '../numbers.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { ClusterError } from '../../model/cluster-error.ts'
import { Command } from 'commander'
import { systemRandom } from '../../ports/system.ts'
import { progressView } from './progress.ts'
import { findFreePorts } from '../free-ports.ts'
import { join } from 'node:path'
import { tmpdir } from 'node:os'

/** A port may be taken between the moment it was found free and the moment it is used. */
const ATTEMPTS_MAX = 5

const PEERS_MAX = 200
const MESSAGES_MAX = 10_000_000

const HELP = `
Examples:
  rx-cluster demo
  rx-cluster demo --peers 10 --messages 1000 --json

Lost and duplicated are counted by the parent from what each receiver saw (sender, sequence).
With --json progress goes to stderr, and the last line of stdout is one object:
  peers, sent, delivered, dead, lost, duplicated, seconds, perSecond
${EXIT_HELP}`

interface DemoOptions {
  readonly peers: number
  readonly messages: number
  readonly json?: boolean
}

/** The command. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('start real processes from a generated config, let every one broadcast, and count')
    .option('--peers <count>', 'how many processes', parseInteger(2, PEERS_MAX), 5)
    .option('--messages <count>', 'broadcasts of each', parseInteger(1, MESSAGES_MAX), 1000)
    .option('--json', 'end with one JSON object')
    .addHelpText('after', HELP)
    .action(demo)
}

async function demo({ peers, messages, json }: DemoOptions): Promise<void> {
  const out = json === true ? process.stderr : process.stdout
  out.write(
    `${peers} processes, ${formatInteger(messages)} broadcasts each, over TCP on this machine\n`,
  )
  const result = await runOnFreePorts(peers, messages, out)
  for (const line of json === true ? [JSON.stringify(result)] : summary(result)) console.log(line)
  const isFlawless = result.lost === 0 && result.duplicated === 0 && result.dead === 0
  if (!isFlawless) process.exitCode = EXIT.failed
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
      const start = await findFreePorts(peers, systemRandom)
      await writeFile(config, JSON.stringify(computedConfig(peers, start), null, 2))
      return await runWithProgress(peers, messages, config, out)
    } catch (error) {
      const isAddressInUse = error instanceof ClusterError && error.code === 'ADDRESS_IN_USE'
      if (!isAddressInUse || attempt === ATTEMPTS_MAX) throw error
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
}

/** The config in the ancestor's format. */
function computedConfig(peers: number, startAddress: number): object {
  const handle = 'tcp://127.0.0.1:'
  const pids = Array.from({ length: peers }, (_, index) => index + 1)
  return {
    selfHandle: handle,
    peersPid: pids.join(','),
    peersHandle: handle,
    startAddress,
    startMsgId: 1000,
    bufSize: 5000,
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

function summary(result: DemoResult): string[] {
  const { sent, delivered, dead, lost, duplicated, seconds, perSecond } = result
  return [
    `sent ${formatInteger(sent)}, delivered ${formatInteger(delivered)}, dead ${formatInteger(dead)}, ` +
      `lost ${formatInteger(lost)}, duplicated ${formatInteger(duplicated)}`,
    `${seconds.toFixed(3)} s, ${formatInteger(perSecond)} msg/s`,
  ]
}
