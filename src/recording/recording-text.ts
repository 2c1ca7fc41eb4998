/** Recordings as text: a line of JSON that tells whose it is, and then one for each event. */
import { RECORDED_EVENTS, RECORDING_FORMAT, RECORDING_VERSION } from './recording-codecs.ts'
import { fromJson, toJson } from '../codec/json-message.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { NodeTraceEvent } from './trace-event.ts'
import type { Pid } from '../model/pid.ts'
import type { Recording } from './recording.ts'
import { RecordingHeader } from './recording-codecs.ts'
import { describeValue } from '../base/describe-value.ts'
import { formatIssues } from '../base/decode-issues.ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { isRecord } from '../config/strict-object.ts'

/** More problems than these are not listed: the file is something else. */
const PROBLEMS_MAX = 20

/**
 * Writes a recording: JSON lines, as `parseRecording` reads them. Nothing is lost of a message,
 * whatever it holds: what JSON lacks is written as `{ "$bytes": "…" }`, as `rx-cluster up --json`
 * does.
 */
export function renderRecording(recording: Recording): string {
  const { events, ...rest } = recording
  const header = {
    format: RECORDING_FORMAT,
    version: RECORDING_VERSION,
    ...rest,
    events: events.length,
  }
  const lines = events.map(({ pid: _pid, ...event }) => {
    return JSON.stringify('msg' in event ? { ...event, msg: toJson(event.msg) } : event)
  })
  return [JSON.stringify(header), ...lines, ''].join('\n')
}

/**
 * Reads a recording.
 *
 * @param text as `renderRecording` wrote it
 * @throws ClusterError `RECORDING_INVALID`, with every problem (the first twenty of them) and its
 *   line: it is no recording, it is of a version that this one cannot read, lines are broken, or
 *   the end is missing
 */
export function parseRecording(text: string): Recording {
  const lines = text.split(/\r?\n/)
  const isTruncated = lines.at(-1) !== ''
  if (!isTruncated) lines.pop()
  const { events: count, ...rest } = parseHeader(lines[0] ?? '')
  const problems: string[] = []
  const events: NodeTraceEvent[] = []
  for (let index = 1; index < lines.length && problems.length < PROBLEMS_MAX; index++) {
    const event = parseEvent(lines[index] as string, rest.pid)
    const truncated =
      isTruncated && index === lines.length - 1 ? ' (the file ends in the middle of it)' : ''
    if (isProblemList(event))
      problems.push(...event.map((one) => `line ${index + 1}: ${one}${truncated}`))
    else events.push(event)
  }
  const found = lines.length - 1
  if (found !== count) {
    const where = found < count ? 'it was cut off: copy it again' : 'something was added to it'
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
    const newer = typeof version === 'number' && version > RECORDING_VERSION
    const hint = newer ? ': it was made by a newer rx-cluster, which can read it' : ''
    throw invalidRecording([
      `line 1: version: expected ${RECORDING_VERSION}, got ${describeValue(version)}${hint}`,
    ])
  }
  const decoded = RecordingHeader.decode(rest)
  if (isLeft(decoded))
    throw invalidRecording(
      formatIssues(decoded.left, { whole: 'it' }).map((one) => `line 1: ${one}`),
    )
  // With its keys in the order in which they stand there.
  return rest as typeof decoded.right
}

/** @returns the event, or what is wrong with it */
function parseEvent(line: string, pid: Pid): NodeTraceEvent | readonly string[] {
  const json = parseJson(line)
  if (!isRecord(json)) return [`expected an event as JSON, got ${preview(line)}`]
  const { type } = json
  const isKnown = typeof type === 'string' && Object.hasOwn(RECORDED_EVENTS, type)
  if (!isKnown) {
    const types = Object.keys(RECORDED_EVENTS).join(', ')
    return [`type: expected one of ${types}, got ${describeValue(type)}`]
  }
  const decoded = RECORDED_EVENTS[type as keyof typeof RECORDED_EVENTS].decode(json)
  if (isLeft(decoded)) return formatIssues(decoded.left, { whole: 'it' })
  const { atMs, ...rest } = json as typeof decoded.right
  const event = { atMs, pid, ...rest }
  return ('msg' in event ? { ...event, msg: fromJson(event.msg) } : event) as NodeTraceEvent
}

function isProblemList(result: NodeTraceEvent | readonly string[]): result is readonly string[] {
  return Array.isArray(result)
}

/** Undefined where it is none. */
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
  const message = `not a recording that can be read: ${listed.join('; ')}`
  return new ClusterError('RECORDING_INVALID', message, { issues: listed })
}
