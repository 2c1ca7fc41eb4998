/** Recordings as text: a line of JSON that tells whose it is, and then one for each event. */
import { RECORDED_EVENTS, RECORDING_FORMAT, RECORDING_VERSION } from './recording-codecs.ts'
import { fromJson, toJson } from './json-message.ts'
import { ClusterError } from './cluster-error.ts'
import type { NodeTraceEvent } from './trace-event.ts'
import type { Pid } from './pid.ts'
import type { Recording } from './recording.ts'
import { RecordingHeader } from './recording-codecs.ts'
import { describe, problemsOf } from './problems.ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { isPlain } from './closed-object.ts'

/** More problems than these are not listed: the file is something else. */
const PROBLEMS_MAX = 20

/**
 * Writes a recording: JSON lines, as `parseRecording` reads them. Nothing is lost of a message,
 * whatever it holds: what JSON lacks is written as `{ "$bytes": "…" }`, as `rx-cluster up --json`
 * does.
 */
export function renderRecording(recording: Recording): string {
  const { events, ...about } = recording
  const header = {
    format: RECORDING_FORMAT,
    version: RECORDING_VERSION,
    ...about,
    events: events.length,
  }
  const lines = events.map(({ pid: _mine, ...event }) => {
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
  const cut = lines.at(-1) !== ''
  if (!cut) lines.pop()
  const { events: count, ...about } = headerOf(lines[0] ?? '')
  const problems: string[] = []
  const events: NodeTraceEvent[] = []
  for (let index = 1; index < lines.length && problems.length < PROBLEMS_MAX; index++) {
    const read = eventOf(lines[index] as string, about.pid)
    const torn = cut && index === lines.length - 1 ? ' (the file ends in the middle of it)' : ''
    if (isProblems(read)) problems.push(...read.map((one) => `line ${index + 1}: ${one}${torn}`))
    else events.push(read)
  }
  const found = lines.length - 1
  if (found !== count) {
    const where = found < count ? 'it was cut off: copy it again' : 'something was added to it'
    problems.push(`expected ${count} events after the first line, got ${found}: ${where}`)
  }
  if (problems.length > 0) throw invalid(problems)
  return { ...about, startedAt: new Date(about.startedAt), events }
}

function headerOf(line: string): typeof RecordingHeader._A {
  const json = jsonOf(line)
  if (!isPlain(json) || json['format'] !== RECORDING_FORMAT) {
    throw invalid([`line 1: expected {"format":"${RECORDING_FORMAT}",…}, got ${glimpse(line)}`])
  }
  const { format: _known, version, ...about } = json
  if (version !== RECORDING_VERSION) {
    const newer = typeof version === 'number' && version > RECORDING_VERSION
    const hint = newer ? ': it was made by a newer rx-cluster, which can read it' : ''
    throw invalid([
      `line 1: version: expected ${RECORDING_VERSION}, got ${describe(version)}${hint}`,
    ])
  }
  const read = RecordingHeader.decode(about)
  if (isLeft(read)) throw invalid(problemsOf(read.left, 'it').map((one) => `line 1: ${one}`))
  // With its keys in the order in which they stand there.
  return about as typeof read.right
}

/** @returns the event, or what is wrong with it */
function eventOf(line: string, pid: Pid): NodeTraceEvent | readonly string[] {
  const json = jsonOf(line)
  if (!isPlain(json)) return [`expected an event as JSON, got ${glimpse(line)}`]
  const { type } = json
  const isKnown = typeof type === 'string' && Object.hasOwn(RECORDED_EVENTS, type)
  if (!isKnown) {
    const types = Object.keys(RECORDED_EVENTS).join(', ')
    return [`type: expected one of ${types}, got ${describe(type)}`]
  }
  const read = RECORDED_EVENTS[type as keyof typeof RECORDED_EVENTS].decode(json)
  if (isLeft(read)) return problemsOf(read.left, 'it')
  const { atMs, ...rest } = json as typeof read.right
  const event = { atMs, pid, ...rest }
  return ('msg' in event ? { ...event, msg: fromJson(event.msg) } : event) as NodeTraceEvent
}

function isProblems(read: NodeTraceEvent | readonly string[]): read is readonly string[] {
  return Array.isArray(read)
}

/** Undefined where it is none. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function glimpse(line: string): string {
  return line === '' ? 'an empty line' : describe(line)
}

function invalid(issues: readonly string[]): ClusterError {
  const listed = issues.slice(0, PROBLEMS_MAX)
  const message = `not a recording that can be read: ${listed.join('; ')}`
  return new ClusterError('RECORDING_INVALID', message, { issues: listed })
}
