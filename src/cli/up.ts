/**
 * `rx-cluster up`: one node, for a person at a terminal or a program at the other end of a pipe.
 */
import { JSON_LINES, PLAIN, type Voice } from './up-voice.ts'
import type { ClusterNode } from '../node/cluster-node.ts'
import { Command } from 'commander'
import { EXIT, EXIT_HELP } from './exit-codes.ts'
import { PID_MAX } from '../model/pid.ts'
import { createInterface } from 'node:readline'
import { createNode } from '../node/create-node.ts'
import { firstValueFrom } from 'rxjs'
import { setTimeout as sleep } from 'node:timers/promises'
import { grouped, wholeNumber } from './numbers.ts'
import { CommandFailure } from './failure.ts'
import type { Recording } from '../model/recording.ts'
import { renderRecording } from '../model/recording-text.ts'
import { writeFile } from 'node:fs/promises'

/** So many envelopes may wait for one peer before the next line is read. */
const QUEUED_MAX = 1_000
const ROOM_MS = 5
/** What is recorded of a node, in events. */
const RECORDED = 10_000

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
    .argument('<pid>', 'which of its peers this is', wholeNumber(0, PID_MAX))
    .option('--json', 'speak one JSON object per line, both ways')
    .option('--insecure', 'bind to more than loopback without keys')
    .option('--record <file>', `save the last ${grouped(RECORDED)} events there when it ends`)
    .addHelpText('after', HELP)
    .action(up)
}

async function up(config: string, pid: number, options: UpOptions): Promise<void> {
  const { json, insecure, record } = options
  const node = await createNode(config, pid, {
    ...(insecure === undefined ? {} : { insecure }),
    ...(record === undefined ? {} : { record: RECORDED }),
  })
  const voice = json === true ? JSON_LINES : PLAIN
  const letters = tell(node, voice)
  console.log(voice.ready(pid, await firstValueFrom(node.bound())))
  await listen(node, voice)
  const before = letters.count
  await node.close()
  const recording = node.recording()
  if (record !== undefined && recording !== undefined) await save(record, recording)
  // It was asked to send something, and could not.
  if (letters.count > before) process.exitCode = EXIT.failed
}

/** Prints what happens, and counts the dead letters. */
function tell(node: ClusterNode, voice: Voice): { readonly count: number } {
  const letters = { count: 0 }
  node.inbox.subscribe((envelope) => console.log(voice.envelope(envelope)))
  node.deadLetters.subscribe((letter) => {
    letters.count++
    console.log(voice.dead(letter))
  })
  node.events.subscribe((event) => {
    const line = voice.event(event)
    if (line !== undefined) console.log(line)
  })
  return letters
}

/** Takes lines until there are no more, or somebody asks it to end. */
async function listen(node: ClusterNode, voice: Voice): Promise<void> {
  const lines = createInterface({ input: process.stdin, terminal: false })
  const asked = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait for what is not delivered.
      if (asked.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143)
      asked.abort()
      lines.close()
      process.stdin.destroy()
    })
  }
  for await (const line of lines) {
    const heard = voice.hear(line)
    if (heard.type === 'envelope') node.outbox.next(heard.envelope)
    else if (heard.type === 'wrong') console.log(voice.wrong(heard.problem))
    // A file may come in faster than a peer takes it.
    while (!asked.signal.aborted && isCrowded(node)) await sleep(ROOM_MS)
  }
}

function isCrowded(node: ClusterNode): boolean {
  for (const { queued } of node.stats().peers.values()) if (queued >= QUEUED_MAX) return true
  return false
}

async function save(path: string, recording: Recording): Promise<void> {
  await writeFile(path, renderRecording(recording)).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    throw new CommandFailure(`cannot save the recording: ${why}`)
  })
}
