/** `rx-cluster replay`: draws what a node recorded of itself. */
import { ClusterError } from '../model/cluster-error.ts'
import { Command } from 'commander'
import { EXIT_HELP } from './exit-codes.ts'
import type { Recording } from '../model/recording.ts'
import { drawRecording } from './draw-recording.ts'
import { parseRecording } from '../model/recording-text.ts'
import { readFile } from 'node:fs/promises'
import { toJson } from '../model/json-message.ts'
import { wholeNumber } from './numbers.ts'

const COLUMNS = 100
const COLUMNS_MIN = 40
const COLUMNS_MAX = 10_000
const LAST = 200

const HELP = `
Examples:
  rx-cluster replay node-1.jsonl
  rx-cluster replay node-1.jsonl --last 1000 | less -S
  rx-cluster replay node-1.jsonl --json | jq 'select(.type == "dead")'

A node that was created with { record: 10_000 } keeps its last 10,000 events; save them with
  writeFileSync('node-1.jsonl', renderRecording(node.recording()))

In the drawing a character is a millisecond; " 250ms " lets time pass in which nothing happens.
What a peer says stands in its lane, what the node says and its dead letters in its own.
To run a protocol on it again: replayRecording of rx-cluster/testing.
${EXIT_HELP}`

interface ReplayCommandOptions {
  readonly json?: boolean
  readonly last: number
  readonly width?: number
}

/** The command. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('draw what a node recorded of itself, as marbles')
    .argument('<trace>', 'the path of a recording')
    .option('--json', 'print its events instead, one JSON object per line')
    .option(
      '--last <n>',
      'draw the last n milliseconds in which something happened',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
      LAST,
    )
    .option(
      '--width <n>',
      'so many characters per line (default: as wide as the terminal)',
      wholeNumber(COLUMNS_MIN, COLUMNS_MAX),
    )
    .addHelpText('after', HELP)
    .action(async (path: string, { json, last, width }: ReplayCommandOptions) => {
      const recording = await readRecording(path)
      const columns = width ?? Math.max(COLUMNS_MIN, process.stdout.columns ?? COLUMNS)
      const lines =
        json === true ? eventLines(recording) : drawRecording(recording, { columns, last })
      process.stdout.write(lines.map((line) => `${line}\n`).join(''))
    })
}

/** @throws ClusterError `RECORDING_INVALID` */
async function readRecording(path: string): Promise<Recording> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ClusterError('RECORDING_INVALID', `cannot read ${path}: ${why}`, { cause })
  })
  return parseRecording(text)
}

function eventLines({ events }: Recording): readonly string[] {
  return events.map((event) =>
    JSON.stringify('msg' in event ? { ...event, msg: toJson(event.msg) } : event),
  )
}
