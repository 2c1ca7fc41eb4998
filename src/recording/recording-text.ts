/** Recordings as JSON lines: a header, and then one line per event. */
import {
  RECORDED_ERROR_REPLIES,
  RECORDED_EVENTS,
  RECORDING_FORMAT,
  RECORDING_VERSION,
} from './recording-codecs.ts'
import { contentFromJson, contentToJson } from '../codec/json-envelope.ts'
import { type Rule, checkArgument } from '../model/check-arguments.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { checkRecording } from './check-recording.ts'
import type { NodeTraceEvent } from './trace-event.ts'
import type { Pid } from '../model/pid.ts'
import type { Recording } from './recording.ts'
import { RecordingHeader } from './recording-codecs.ts'
import { describeValue } from '../base/describe-value.ts'
import { formatIssues } from '../base/decode-issues.ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { isRecord } from '../config/strict-object.ts'

const A_TEXT: Rule = {
  expected: "the text of a recording (readFileSync(path, 'utf8'))",
  accepts: (value) => typeof value === 'string',
}

/** Further problems are not listed: the file is not a recording. */
const PROBLEMS_MAX = 20

/**
 * Renders a recording as JSON lines, which `parseRecording` reads. Messages are lossless: a value
 * that JSON lacks is written as `{ "$bytes": "…" }` and the like, as by `rx-cluster up --json`.
 *
 * @throws ClusterError `INVALID_ARGUMENT` for anything but a recording
 */
export function renderRecording(recording: Recording): string {
  checkRecording('renderRecording', recording)
  const { events, ...rest } = recording
  const header = {
    format: RECORDING_FORMAT,
    version: RECORDING_VERSION,
    ...rest,
    events: events.length,
  }
  const lines = events.map(({ pid: _pid, ...event }) => {
    return JSON.stringify('msg' in event ? contentToJson(event) : event)
  })
  return [JSON.stringify(header), ...lines, ''].join('\n')
}

/**
 * Parses a recording.
 *
 * @param text the output of `renderRecording`
 * @throws ClusterError `RECORDING_INVALID`, with up to 20 problems and their lines: the text is not
 *   a recording, its version is not supported, lines are invalid, or the end is missing;
 *   `INVALID_ARGUMENT` for anything but a text
 */
export function parseRecording(text: string): Recording {
  checkArgument('parseRecording', 'text', text, A_TEXT)
  const lines = text.split(/\r?\n/)
  const isTruncated = lines.at(-1) !== ''
  if (!isTruncated) lines.pop()
  const { events: count, ...rest } = parseHeader(lines[0] ?? '')
  const problems: string[] = []
  const events: NodeTraceEvent[] = []
  for (let index = 1; index < lines.length && problems.length < PROBLEMS_MAX; index++) {
    const event = parseEvent(lines[index] as string, rest.pid)
    const truncated =
      isTruncated && index === lines.length - 1 ? ' (the file ends inside this line)' : ''
    if (isProblemList(event))
      problems.push(...event.map((one) => `line ${index + 1}: ${one}${truncated}`))
    else events.push(event)
  }
  const found = lines.length - 1
  if (found !== count) {
    const where = found < count ? 'the file is truncated: copy it again' : 'lines were added'
    problems.push(`expected ${count} events after the first line, got ${found}: ${where}`)
  }
  if (problems.length > 0) throw invalidRecording(problems)
  return { ...rest, startedAt: new Date(rest.startedAt), events }
}

function parseHeader(line: string): typeof RecordingHeader._A {
  const json = parseJson(line)
  if (!isRecord(json) || json['format'] !== RECORDING_FORMAT) {
    throw invalidRecording([
      `line 1: expected {"format":"${RECORDING_FORMAT}",…}, got ${preview(line)}`,
    ])
  }
  const { format: _format, version, ...rest } = json
  if (version !== RECORDING_VERSION) {
    const found = `line 1: version: expected ${RECORDING_VERSION}, got ${describeValue(version)}`
    throw invalidRecording([`${found}${versionHint(version)}`])
  }
  const decoded = RecordingHeader.decode(rest)
  if (isLeft(decoded))
    throw invalidRecording(
      formatIssues(decoded.left, { whole: 'it' }).map((one) => `line 1: ${one}`),
    )
  // Not the decoded object: this one keeps the order of the keys.
  return rest as typeof decoded.right
}

function versionHint(version: unknown): string {
  if (typeof version !== 'number') return ''
  const age = version < RECORDING_VERSION ? 'an older' : 'a newer'
  return `: ${age} rx-cluster wrote it; read it with that release, or record again with this one`
}

/** @returns the event, or its problems */
function parseEvent(line: string, pid: Pid): NodeTraceEvent | readonly string[] {
  const json = parseJson(line)
  if (!isRecord(json)) return [`expected an event as JSON, got ${preview(line)}`]
  const { type } = json
  const isKnown = typeof type === 'string' && Object.hasOwn(RECORDED_EVENTS, type)
  if (!isKnown) {
    const types = Object.keys(RECORDED_EVENTS).join(', ')
    return [`type: expected one of ${types}, got ${describeValue(type)}`]
  }
  const isErrorReply = Object.hasOwn(json, 'error') && Object.hasOwn(RECORDED_ERROR_REPLIES, type)
  const codecs = isErrorReply ? RECORDED_ERROR_REPLIES : RECORDED_EVENTS
  const decoded = codecs[type as keyof typeof codecs].decode(json)
  if (isLeft(decoded)) return formatIssues(decoded.left, { whole: 'it' })
  const { atMs, ...rest } = json as typeof decoded.right
  const event = { atMs, pid, ...rest }
  const hasContent = 'msg' in event || isErrorReply
  return (hasContent ? contentFromJson(event) : event) as NodeTraceEvent
}

function isProblemList(result: NodeTraceEvent | readonly string[]): result is readonly string[] {
  return Array.isArray(result)
}

/** Returns undefined for a line that is not JSON. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function preview(line: string): string {
  return line === '' ? 'an empty line' : describeValue(line)
}

function invalidRecording(issues: readonly string[]): ClusterError {
  const listed = issues.slice(0, PROBLEMS_MAX)
  const message = `the recording cannot be read: ${listed.join('; ')}`
  return new ClusterError('RECORDING_INVALID', message, { issues: listed })
}
