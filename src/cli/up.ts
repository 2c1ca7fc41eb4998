/** `rx-cluster up`: runs one node, for a user at a terminal or a program behind a pipe. */
import { JSON_LINES, PLAIN, type LineFormat } from './up/line-format.ts'
import type { ClusterNode } from '../node/cluster-node.ts'
import { Command } from 'commander'
import { CommandError, writeOutput } from './errors.ts'
import { EXIT, EXIT_HELP } from './exit-codes.ts'
import type { NodeEvent } from '../model/node-event.ts'
import { PID_MAX } from '../model/pid.ts'
import { access } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { createNode } from '../node/create-node.ts'
import { dirname } from 'node:path'
import { once } from 'node:events'
import { firstValueFrom } from 'rxjs'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatInteger, integerParser } from './numbers.ts'
import { renderRecording } from '../recording/recording-text.ts'

/** Reading pauses while this many envelopes are queued for one peer. */
const QUEUED_MAX = 1_000
const BACKED_UP_POLL_MS = 5
const RECORDED_EVENTS = 10_000

const HELP = `
Examples:
  rx-cluster up cluster.json 1
  echo '{"pid":2,"msg":{"term":1}}' | rx-cluster up cluster.json 1 --json
  rx-cluster up cluster.json 1 --record node-1.jsonl; rx-cluster show node-1.jsonl

Without --json, a line is sent to all peers, and "@2 hello" only to node 2.

With --json, each line is one object:
  in   {"pid":2,"msg":…}, optionally with msgId, re and ttlMs; pid -1 is all peers
  out  {"type":"ready"|"envelope"|"link"|"dead-letter"|"error"|…}
Values that JSON lacks are written as {"$bigint":"…"}, {"$bytes":"<base64>"},
{"$date":"<ISO>"}, {"$undefined":true} and {"$number":"NaN"}.

At the end of the input, on ^C and on SIGTERM, the node delivers what is queued, then closes. It
prints what it waits for. A second ^C ends it at once. With --stay, it runs on after the end of the
input, until a signal: for systemd, nohup, and containers without a terminal.
${EXIT_HELP}`

interface UpOptions {
  readonly json?: boolean
  readonly insecure?: boolean
  readonly record?: string
  readonly stay?: boolean
  readonly key?: string
  readonly secret?: string
}

/** Creates the command `up`. */
export function upCommand(): Command {
  return new Command('up')
    .description('run one node: send the lines of stdin, print what arrives')
    .argument('<config>', 'path of a JSON file')
    .argument('<pid>', 'pid of this node in the config', integerParser(0, PID_MAX))
    .option('--json', 'read and print one JSON object per line')
    .option('--stay', 'run on when the input ends, until ^C or SIGTERM')
    .option('--key <file>', 'secret key of the node (default: $RX_CLUSTER_KEY_FILE)')
    .option('--secret <file>', 'secret of the cluster (default: $RX_CLUSTER_SECRET_FILE)')
    .option('--insecure', 'allow connections to and from other machines, without keys')
    .option(
      '--record <file>',
      `write the last ${formatInteger(RECORDED_EVENTS)} events to a file at the end`,
    )
    .addHelpText('after', HELP)
    .action(up)
}

async function up(config: string, pid: number, options: UpOptions): Promise<void> {
  const { json, insecure, record, stay = false, key, secret } = options
  if (record !== undefined) await requireDirectory(dirname(record))
  const node = await createNode(config, pid, {
    ...(insecure === undefined ? {} : { insecure }),
    secretKeyFile: key,
    clusterSecretFile: secret,
    ...(record === undefined ? {} : { recordEvents: RECORDED_EVENTS }),
  })
  const format = json === true ? JSON_LINES : PLAIN
  const deadLetters = printEvents(node, format)
  console.log(format.ready(pid, await firstValueFrom(node.bound())))
  await readLines(node, format, stay)
  printWaiting(node, format)
  const deadBefore = deadLetters.count
  await node.close()
  const recording = node.recording()
  if (record !== undefined && recording !== undefined) {
    await writeOutput(record, renderRecording(recording))
  }
  // Envelopes that `close` could not deliver are a failure; earlier dead letters were reported.
  if (deadLetters.count > deadBefore) process.exitCode = EXIT.failed
}

/** Fails at the start, because a recording that cannot be written at the end is lost. */
async function requireDirectory(directory: string): Promise<void> {
  await access(directory).catch(() => {
    const advice = `create it first (mkdir -p ${directory})`
    throw new CommandError(`cannot record: there is no directory ${directory}; ${advice}`)
  })
}

/** Prints envelopes, dead letters and events. @returns counts the dead letters */
function printEvents(node: ClusterNode, format: LineFormat): { readonly count: number } {
  const deadLetters = { count: 0 }
  node.inbox.subscribe((envelope) => console.log(format.envelope(envelope)))
  node.deadLetters.subscribe((deadLetter) => {
    deadLetters.count++
    console.log(format.dead(deadLetter))
  })
  const print = (event: NodeEvent): void => {
    const line = format.event(event)
    if (line !== undefined) console.log(line)
  }
  // Links that came up before this subscription emit no event any more.
  for (const [pid, { state }] of node.links.value)
    if (state === 'up') print({ type: 'link', pid, state })
  node.events.subscribe(print)
  return deadLetters
}

/** Prints what `close` waits for, because it may take `closeTimeoutMs`. */
function printWaiting(node: ClusterNode, format: LineFormat): void {
  const waiting = [...node.stats().peers].flatMap(([pid, { inFlight }]) =>
    inFlight > 0 ? [{ pid, envelopes: inFlight }] : [],
  )
  if (waiting.length > 0) console.log(format.closing(waiting))
}

/** Sends the lines of stdin until a signal arrives, or it ends and `stay` is not set. */
async function readLines(node: ClusterNode, format: LineFormat, stay: boolean): Promise<void> {
  const lines = createInterface({ input: process.stdin, terminal: false })
  const stopRequest = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second signal does not wait until the queues are empty.
      if (stopRequest.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143)
      stopRequest.abort()
      lines.close()
      process.stdin.destroy()
    })
  }
  for await (const line of lines) {
    const parsed = format.parse(line)
    if (parsed.type === 'envelope') node.outbox.next(parsed.envelope)
    else if (parsed.type === 'invalid') console.log(format.invalid(parsed.problem))
    // A file can be read faster than a peer accepts its lines.
    while (!stopRequest.signal.aborted && isBackedUp(node)) await sleep(BACKED_UP_POLL_MS)
  }
  if (stopRequest.signal.aborted) return
  if (stay) await once(stopRequest.signal, 'abort')
  else {
    const reason = format.inputEnded()
    if (reason !== undefined) console.log(reason)
  }
}

function isBackedUp(node: ClusterNode): boolean {
  for (const { queued } of node.stats().peers.values()) if (queued >= QUEUED_MAX) return true
  return false
}
