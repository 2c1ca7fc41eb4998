/** `rx-cluster replay`: draws what a node recorded of itself. */
import { ClusterError } from '../model/cluster-error.ts'
import { Command } from 'commander'
import { CommandError } from './errors.ts'
import { EXIT_HELP } from './exit-codes.ts'
import type { Recording } from '../recording/recording.ts'
import { renderRecordingTimeline } from './show/render-recording.ts'
import { parseRecording } from '../recording/recording-text.ts'
import { readFile, writeFile } from 'node:fs/promises'
import { renderRecordingSvg } from './show/recording-svg.ts'
import { toJson } from '../codec/json-message.ts'
import { parseInteger } from './numbers.ts'

const COLUMNS_DEFAULT = 100
const COLUMNS_MIN = 40
const COLUMNS_MAX = 10_000
const LAST_DEFAULT = 200

const HELP = `
Examples:
  rx-cluster replay node-1.jsonl
  rx-cluster replay node-1.jsonl --last 1000 | less -S
  rx-cluster replay node-1.jsonl --svg node-1.svg --last 20
  rx-cluster replay node-1.jsonl --json | jq 'select(.type == "dead")'

A node that was created with { record: 10_000 } keeps its last 10,000 events; what
node.recording() returns is saved as the text that renderRecording makes of it.
rx-cluster up --record <file> does so, too.

In the drawing a character is a millisecond; " 250ms " lets time pass in which nothing happens.
What a peer says stands in its lane, what the node says and its dead letters in its own.
To run a protocol on it again: replayRecording of rx-cluster/testing.
${EXIT_HELP}`

interface ShowOptions {
  readonly svg?: string
  readonly json?: boolean
  readonly last: number
  readonly width?: number
}

/** The command. */
export function showCommand(): Command {
  return new Command('show')
    .description('draw what a node recorded of itself, as marbles')
    .argument('<trace>', 'the path of a recording')
    .option('--json', 'print its events instead, one JSON object per line')
    .option('--svg <file>', 'draw a picture into a file instead')
    .option(
      '--last <n>',
      'draw the last n milliseconds in which something happened',
      parseInteger(1, Number.MAX_SAFE_INTEGER),
      LAST_DEFAULT,
    )
    .option(
      '--width <n>',
      'so many characters per line (default: as wide as the terminal)',
      parseInteger(COLUMNS_MIN, COLUMNS_MAX),
    )
    .addHelpText('after', HELP)
    .action(async (path: string, { json, svg, last, width }: ShowOptions) => {
      const recording = await readRecording(path)
      if (svg !== undefined) {
        await writeFile(svg, renderRecordingSvg(recording, last)).catch((error: unknown) => {
          throw error instanceof CommandError ? error : new CommandError(String(error))
        })
        return
      }
      const columns = width ?? Math.max(COLUMNS_MIN, process.stdout.columns ?? COLUMNS_DEFAULT)
      const render = (): readonly string[] => renderRecordingTimeline(recording, { columns, last })
      const lines = json === true ? eventLines(recording) : render()
      process.stdout.write(lines.map((line) => `${line}\n`).join(''))
    })
}

/** @throws ClusterError `RECORDING_INVALID` */
async function readRecording(path: string): Promise<Recording> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ClusterError('RECORDING_INVALID', `cannot read ${path}: ${reason}`, { cause })
  })
  return parseRecording(text)
}

function eventLines({ events }: Recording): readonly string[] {
  return events.map((event) =>
    JSON.stringify('msg' in event ? { ...event, msg: toJson(event.msg) } : event),
  )
}
