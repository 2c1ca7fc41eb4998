/** `rx-cluster show`: draws the recording of a node as marbles. */
import { ClusterError } from '../model/cluster-error.ts'
import { Command } from 'commander'
import { EXIT_HELP } from './exit-codes.ts'
import type { Recording } from '../recording/recording.ts'
import { renderRecordingTimeline } from './show/render-recording.ts'
import { parseRecording } from '../recording/recording-text.ts'
import { readFile } from 'node:fs/promises'
import { renderRecordingSvg } from './show/recording-svg.ts'
import { contentToJson } from '../codec/json-envelope.ts'
import { integerParser } from './numbers.ts'
import { writeOutput } from './errors.ts'

const COLUMNS_DEFAULT = 100
const COLUMNS_MIN = 40
const COLUMNS_MAX = 10_000
const LAST_DEFAULT = 200
const LAST_MAX = 10_000_000

const HELP = `
Examples:
  rx-cluster show node-1.jsonl
  rx-cluster show node-1.jsonl --last 1000 | less -S
  rx-cluster show node-1.jsonl --svg node-1.svg --last 20
  rx-cluster show node-1.jsonl --json | jq 'select(.type == "dead")'

To make a recording, run "rx-cluster up <config> <pid> --record <file>", or create a node with
{ recordEvents: 10_000 } and save renderRecording(node.recording()).

In the drawing, each character is one millisecond, and " 250ms " stands for 250 milliseconds
without an event. The lane "node 1" shows what node 1 sent and its dead letters; the lane
"peer 2" shows what node 2 sent to it and the state of the link to node 2.

To run a protocol on a recording again: replayRecording of rx-cluster/testing.
${EXIT_HELP}`

interface ShowOptions {
  readonly svg?: string
  readonly json?: boolean
  readonly last: number
  readonly width?: number
}

/** Creates the command `show`. */
export function showCommand(): Command {
  return createCommand('show').action(show)
}

/** Creates the former name of `show`, for one release. */
export function formerReplayCommand(): Command {
  return createCommand('replay').action((path: string, options: ShowOptions) => {
    console.error(
      'rx-cluster replay is now called rx-cluster show; the next release removes replay',
    )
    return show(path, options)
  })
}

function createCommand(name: string): Command {
  return new Command(name)
    .description('draw the recording of a node as marbles')
    .argument('<recording>', 'path of a recording')
    .option('--json', 'print its events instead, one JSON object per line')
    .option('--svg <file>', 'write a picture instead')
    .option(
      '--last <n>',
      'draw only the last n milliseconds that have an event',
      integerParser(1, LAST_MAX),
      LAST_DEFAULT,
    )
    .option(
      '--width <n>',
      'characters per line (default: width of the terminal)',
      integerParser(COLUMNS_MIN, COLUMNS_MAX),
    )
    .addHelpText('after', HELP)
}

async function show(path: string, { json, svg, last, width }: ShowOptions): Promise<void> {
  const recording = await readRecording(path)
  if (svg !== undefined) return writeOutput(svg, renderRecordingSvg(recording, last))
  const columns = width ?? Math.max(COLUMNS_MIN, process.stdout.columns ?? COLUMNS_DEFAULT)
  const lines =
    json === true ? eventLines(recording) : renderRecordingTimeline(recording, { columns, last })
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

/** @throws ClusterError `RECORDING_INVALID` */
async function readRecording(path: string): Promise<Recording> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `cannot read ${path}: ${reason}: check its path and its permissions`
    throw new ClusterError('RECORDING_INVALID', message, { cause })
  })
  try {
    return parseRecording(text)
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error
    const { code, issues } = error
    throw new ClusterError(code, `${path} is no recording`, { issues, cause: error })
  }
}

function eventLines({ events }: Recording): readonly string[] {
  return events.map((event) => JSON.stringify('msg' in event ? contentToJson(event) : event))
}
