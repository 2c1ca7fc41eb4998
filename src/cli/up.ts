/**
 * `rx-cluster up`: one node, for a person at a terminal or a program at the other end of a pipe.
 */
import { JSON_LINES, PLAIN, type LineFormat } from './up/line-format.ts'
import type { ClusterNode } from '../node/cluster-node.ts'
import { Command } from 'commander'
import { EXIT, EXIT_HELP } from './exit-codes.ts'
import type { NodeEvent } from '../model/node-event.ts'
import { PID_MAX } from '../model/pid.ts'
import { createInterface } from 'node:readline'
import { createNode } from '../node/create-node.ts'
import { firstValueFrom } from 'rxjs'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatInteger, parseInteger } from './numbers.ts'
import { CommandError } from './errors.ts'
import type { Recording } from '../recording/recording.ts'
import { renderRecording } from '../recording/recording-text.ts'
import { writeFile } from 'node:fs/promises'

/** So many envelopes may wait for one peer before the next line is read. */
const QUEUED_MAX = 1_000
const BACKED_UP_POLL_MS = 5
/** What is recorded of a node, in events. */
const RECORDED_EVENTS = 10_000

const HELP = `
Examples:
  rx-cluster up cluster.json 1
  echo '{"pid":2,"msg":{"term":1}}' | rx-cluster up cluster.json 1 --json
  rx-cluster up cluster.json 1 --record node-1.jsonl; rx-cluster replay node-1.jsonl

With --json every line is one object, both ways:
  in   {"pid":2,"msg":…}, with msgId, re, ttlMs where wanted; pid -1 is everybody
  out  {"type":"ready"|"envelope"|"link"|"dead-letter"|"error"|…}
What JSON lacks is {"$bigint":"…"}, {"$bytes":"<base64>"}, {"$date":"<ISO>"},
{"$undefined":true}, {"$number":"NaN"}.

The end of the input, ^C or SIGTERM: what was written is delivered, then the node closes.
${EXIT_HELP}`

interface UpOptions {
  readonly json?: boolean
  readonly insecure?: boolean
  readonly record?: string
}

/** The command. */
export function upCommand(): Command {
  return new Command('up')
    .description('run one node: what is typed goes out, what arrives is printed')
    .argument('<config>', 'the path of a JSON file')
    .argument('<pid>', 'which of its peers this is', parseInteger(0, PID_MAX))
    .option('--json', 'speak one JSON object per line, both ways')
    .option('--insecure', 'bind to more than loopback without keys')
    .option(
      '--record <file>',
      `save the last ${formatInteger(RECORDED_EVENTS)} events there when it ends`,
    )
    .addHelpText('after', HELP)
    .action(up)
}

async function up(config: string, pid: number, options: UpOptions): Promise<void> {
  const { json, insecure, record } = options
  const node = await createNode(config, pid, {
    ...(insecure === undefined ? {} : { insecure }),
    ...(record === undefined ? {} : { recordEvents: RECORDED_EVENTS }),
  })
  const format = json === true ? JSON_LINES : PLAIN
  const deadLetters = printEvents(node, format)
  console.log(format.ready(pid, await firstValueFrom(node.bound())))
  await readLines(node, format)
  const deadBefore = deadLetters.count
  await node.close()
  const recording = node.recording()
  if (record !== undefined && recording !== undefined) await save(record, recording)
  // It was asked to send something, and could not.
  if (deadLetters.count > deadBefore) process.exitCode = EXIT.failed
}

/** Prints what happens, and counts the dead letters. */
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
  // A peer that has been waiting may be up before anybody could listen.
  for (const [pid, state] of node.links.value)
    if (state === 'up') print({ type: 'link', pid, state })
  node.events.subscribe(print)
  return deadLetters
}

/** Takes lines until there are no more, or somebody asks it to end. */
async function readLines(node: ClusterNode, format: LineFormat): Promise<void> {
  const lines = createInterface({ input: process.stdin, terminal: false })
  const stopRequest = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait for what is not delivered.
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
    // A file may come in faster than a peer takes it.
    while (!stopRequest.signal.aborted && isBackedUp(node)) await sleep(BACKED_UP_POLL_MS)
  }
}

function isBackedUp(node: ClusterNode): boolean {
  for (const { queued } of node.stats().peers.values()) if (queued >= QUEUED_MAX) return true
  return false
}

async function save(path: string, recording: Recording): Promise<void> {
  await writeFile(path, renderRecording(recording)).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError(`cannot save the recording: ${reason}`)
  })
}
