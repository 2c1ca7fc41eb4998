/** Draws a recording: a lane for the node, and one for each of its peers. */
import type { NodeTraceEvent } from '../model/trace-event.ts'
import type { Pid } from '../model/pid.ts'
import type { Recording } from '../model/recording.ts'
import { type StoryMark, drawStory } from '../marbles/story.ts'
import { createHash } from 'node:crypto'
import { grouped } from './numbers.ts'
import { toJson } from '../model/json-message.ts'

/** Longer messages are told apart by what they begin with, and a digest. */
const TEXT_MAX = 2_000
const DIGEST_CHARACTERS = 8

/** How it is drawn. */
export interface RecordingLayout {
  /** So many characters fit in a line. */
  readonly columns: number
  /** Only the last milliseconds in which something happened, so many of them. */
  readonly last: number
}

/** Draws it, as lines of at most so many characters. */
export function drawRecording(
  recording: Recording,
  { columns, last }: RecordingLayout,
): readonly string[] {
  const marks = marksOf(recording)
  const moments = [...new Set(marks.map(({ atMs }) => Math.floor(atMs)))]
  const first = moments.at(-last) ?? moments[0] ?? 0
  const shown = marks.filter(({ atMs }) => Math.floor(atMs) >= first)
  const left = Math.max(0, moments.length - last)
  const peers = new Set([...recording.peers.map(({ pid }) => peerLane(pid)), ...lanesIn(marks)])
  const own = ownLane(recording)
  peers.delete(own)
  const lanes = [own, ...[...peers].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))]
  const fromMs = left > 0 || recording.dropped > 0 ? first : 0
  return [
    ...headOf(recording),
    ...(left === 0
      ? []
      : [`… ${grouped(left)} earlier moments are not drawn: --last ${moments.length} draws all`]),
    '',
    ...(fromMs === 0 ? [] : [`from ${fromMs}ms on:`]),
    ...drawStory(shown, { lanes, fromMs, columns }),
    '',
    '^ starts, link up   ! link down   | closes   (ab) in one ms',
  ].map((line) => fitted(visible(line), columns))
}

function headOf(recording: Recording): readonly string[] {
  const { pid, cluster, incarnation, startedAt, events, dropped, peers } = recording
  const endMs = events.at(-1)?.atMs ?? 0
  const before = dropped === 0 ? '' : `, ${grouped(dropped)} before them are forgotten`
  const up = peers.filter(({ link }) => link === 'up').map((peer) => peer.pid)
  const begins = `when they begin, the links to ${up.join(', ') || 'nobody'} are up`
  return [
    `node ${pid} of cluster ${cluster}, incarnation ${incarnation}`,
    `started ${startedAt.toISOString()}, recorded up to ${grouped(endMs)} ms`,
    `${grouped(events.length)} events${before}`,
    ...(dropped === 0 ? [] : [begins]),
  ]
}

function lanesIn(marks: readonly StoryMark[]): readonly string[] {
  return marks.map(({ lane }) => lane)
}

function ownLane({ pid }: Recording): string {
  return `node ${pid}`
}

function peerLane(pid: Pid): string {
  return `peer ${pid}`
}

/** What is to be seen; one message to several in one millisecond is one mark. */
function marksOf(recording: Recording): readonly StoryMark[] {
  const own = ownLane(recording)
  const lives = new Map<Pid, string>()
  const marks: StoryMark[] = []
  let sent: { readonly event: SentEvent; readonly to: Pid[]; readonly index: number } | undefined
  for (const event of recording.events) {
    const { atMs } = event
    if (event.type === 'sent' && sent !== undefined && isSameMail(sent.event, event)) {
      sent.to.push(event.to)
      marks[sent.index] = { atMs: sent.event.atMs, lane: own, what: saidTo(sent.to, event) }
      continue
    }
    sent = undefined
    if (event.type === 'sent') {
      sent = { event, to: [event.to], index: marks.length }
      marks.push({ atMs, lane: own, what: saidTo(sent.to, event) })
      continue
    }
    if (event.type === 'received') {
      const before = lives.get(event.from)
      lives.set(event.from, event.incarnation)
      if (before !== undefined && before !== event.incarnation) {
        marks.push({ atMs, lane: peerLane(event.from), what: `${event.from} has restarted` })
      }
    }
    const mark = markOf(event, own)
    if (mark !== undefined) marks.push(mark)
  }
  return marks
}

type SentEvent = Extract<NodeTraceEvent, { readonly type: 'sent' }>

function isSameMail(a: SentEvent, b: SentEvent): boolean {
  const together = a.msgId === b.msgId && Math.floor(a.atMs) === Math.floor(b.atMs)
  return together && textOf(a.msg) === textOf(b.msg)
}

function saidTo(pids: readonly Pid[], { re, msg }: SentEvent): string {
  return `${re === undefined ? 'to' : 'answers'} ${pids.join(', ')}: ${textOf(msg)}`
}

function markOf(event: NodeTraceEvent, own: string): StoryMark | undefined {
  const { atMs } = event
  switch (event.type) {
    case 'started':
      return { atMs, lane: own, what: 'it starts', sign: '^' }
    case 'closed':
      return { atMs, lane: own, what: 'it closes', sign: '|' }
    case 'received': {
      const { from, re, msg } = event
      const what = `${from}${re === undefined ? '' : ' answers'}: ${textOf(msg)}`
      return { atMs, lane: peerLane(from), what }
    }
    case 'dead': {
      const { to, reason, outcome } = event
      return { atMs, lane: own, what: `dead letter to ${to}: ${reason}, ${outcome}` }
    }
    case 'link': {
      const { peer, state } = event
      const lane = peerLane(peer)
      if (state === 'up') return { atMs, lane, what: state, sign: '^' }
      if (state === 'down') return { atMs, lane, what: state, sign: '!' }
      return { atMs, lane, what: `the link to ${peer} is ${state}` }
    }
    case 'peers': {
      const pids = event.peers.map(({ pid }) => pid)
      return { atMs, lane: own, what: `its peers: ${pids.join(', ') || 'nobody'}` }
    }
    default:
      return undefined
  }
}

function textOf(msg: unknown): string {
  const text = JSON.stringify(toJson(msg))
  if (text.length <= TEXT_MAX) return text
  const digest = createHash('sha256').update(text).digest('hex').slice(0, DIGEST_CHARACTERS)
  return `${text.slice(0, TEXT_MAX)}… ${digest}`
}

/** A message may hold what a terminal would obey. */
function visible(line: string): string {
  return line.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

function fitted(line: string, columns: number): string {
  const characters = [...line]
  return characters.length <= columns ? line : `${characters.slice(0, columns - 1).join('')}…`
}
