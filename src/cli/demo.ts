/**
 * `rx-cluster demo`: real processes talk to each other over TCP, and their parent counts what each
 * of them saw.
 */
import { DemoRun, type Outcome } from './demo-run.ts'
import { EXIT, EXIT_HELP } from './exit-codes.ts'
import { grouped, wholeNumber } from './numbers.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { ClusterError } from '../model/cluster-error.ts'
import { Command } from 'commander'
import { ambientChance } from '../ports/ambient.ts'
import { board } from './demo-board.ts'
import { freeStart } from './free-ports.ts'
import { join } from 'node:path'
import { tmpdir } from 'node:os'

/** A port may be taken between the moment it was found free and the moment it is used. */
const TRIES = 5

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
    .option('--peers <count>', 'how many processes', wholeNumber(2, PEERS_MAX), 5)
    .option('--messages <count>', 'broadcasts of each', wholeNumber(1, MESSAGES_MAX), 1000)
    .option('--json', 'end with one JSON object')
    .addHelpText('after', HELP)
    .action(demo)
}

async function demo({ peers, messages, json }: DemoOptions): Promise<void> {
  const out = json === true ? process.stderr : process.stdout
  out.write(`${peers} processes, ${grouped(messages)} broadcasts each, over TCP on this machine\n`)
  const outcome = await attempt(peers, messages, out)
  for (const line of json === true ? [JSON.stringify(outcome)] : summary(outcome)) console.log(line)
  const well = outcome.lost === 0 && outcome.duplicated === 0 && outcome.dead === 0
  if (!well) process.exitCode = EXIT.failed
}

async function attempt(peers: number, messages: number, out: NodeJS.WriteStream): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const directory = await mkdtemp(join(tmpdir(), 'rx-cluster-demo-'))
    try {
      const config = join(directory, 'config.json')
      const start = await freeStart(peers, ambientChance)
      await writeFile(config, JSON.stringify(ancestorsFile(peers, start), null, 2))
      return await watched(peers, messages, config, out)
    } catch (error) {
      const taken = error instanceof ClusterError && error.code === 'ADDRESS_IN_USE'
      if (!taken || tries === TRIES) throw error
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
}

/** The config in the ancestor's format. */
function ancestorsFile(peers: number, startAddress: number): object {
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

async function watched(
  peers: number,
  messages: number,
  config: string,
  out: NodeJS.WriteStream,
): Promise<Outcome> {
  const run = new DemoRun(peers, messages, (line) => progress.say(line))
  const progress = board(out, () => run.rows())
  const interrupted = (signal: NodeJS.Signals): void => {
    progress.end()
    void run.kill().then(() => process.exit(signal === 'SIGINT' ? 130 : 143))
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  try {
    return await run.run(config)
  } finally {
    progress.end()
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
  }
}

function summary(outcome: Outcome): string[] {
  const { sent, delivered, dead, lost, duplicated, seconds, perSecond } = outcome
  return [
    `sent ${grouped(sent)}, delivered ${grouped(delivered)}, dead ${grouped(dead)}, ` +
      `lost ${grouped(lost)}, duplicated ${grouped(duplicated)}`,
    `${seconds.toFixed(3)} s, ${grouped(perSecond)} msg/s`,
  ]
}
