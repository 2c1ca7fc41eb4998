/** What is to be seen of a recording: marks in the lanes of the node and of its peers. */
import type { NodeTraceEvent } from '../model/trace-event.ts'
import type { Pid } from '../model/pid.ts'
import type { Recording } from '../model/recording.ts'
import type { StoryMark } from '../marbles/story.ts'
import { createHash } from 'node:crypto'
import { toJson } from '../model/json-message.ts'

/** Longer messages are told apart by what they begin with, and a digest. */
const TEXT_MAX = 2_000
const DIGEST_CHARACTERS = 8

/** The part of a story that is drawn. */
export interface Shown {
  readonly marks: readonly StoryMark[]
  /** The lane of the node, then those of its peers. */
  readonly lanes: readonly string[]
  /** The first millisecond in which something happens. */
  readonly firstMs: number
  /** How many milliseconds with something in them there are in all. */
  readonly moments: number
}

/** The last so many milliseconds in which something happens. */
export function shownOf(recording: Recording, last: number): Shown {
  const marks = marksOf(recording)
  const moments = [...new Set(marks.map(({ atMs }) => Math.floor(atMs)))]
  const firstMs = moments.at(-last) ?? moments[0] ?? 0
  const own = ownLane(recording)
  const peers = recording.peers.map(({ pid }) => peerLane(pid))
  const others = new Set([...peers, ...marks.map(({ lane }) => lane)])
  others.delete(own)
  const byPid = [...others].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return {
    marks: marks.filter(({ atMs }) => Math.floor(atMs) >= firstMs),
    lanes: [own, ...byPid],
    firstMs,
    moments: moments.length,
  }
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
