/** Converts the events of a recording to marks in the lanes of the node and its peers. */
import type { NodeTraceEvent, ReceivedEvent, SentEvent } from '../../recording/trace-event.ts'
import type { Pid } from '../../model/pid.ts'
import type { Recording } from '../../recording/recording.ts'
import type { TimelineMark } from '../../testing/marbles/timeline.ts'
import { createHash } from 'node:crypto'
import { contentText } from '../../codec/json-envelope.ts'

/** A longer message is truncated; a digest keeps different messages apart. */
const TEXT_LENGTH_MAX = 2_000
const DIGEST_LENGTH = 8

/** The part of a recording that is drawn. */
export interface RecordingTimeline {
  readonly marks: readonly TimelineMark[]
  /** The lane of the node, then those of its peers by pid. */
  readonly lanes: readonly string[]
  /** The first millisecond that is drawn. */
  readonly firstMs: number
  /** Number of milliseconds with an event in the whole recording. */
  readonly activeMsCount: number
}

/** Returns the marks of the last `last` milliseconds that have an event. */
export function recordingTimeline(recording: Recording, last: number): RecordingTimeline {
  const marks = timelineMarks(recording)
  const activeMs = [...new Set(marks.map(({ atMs }) => Math.floor(atMs)))]
  const firstMs = activeMs.at(-last) ?? activeMs[0] ?? 0
  const nodeLane = nodeLaneName(recording)
  const peers = recording.peers.map(({ pid }) => peerLaneName(pid))
  const others = new Set([...peers, ...marks.map(({ lane }) => lane)])
  others.delete(nodeLane)
  const byPid = [...others].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return {
    marks: marks.filter(({ atMs }) => Math.floor(atMs) >= firstMs),
    lanes: [nodeLane, ...byPid],
    firstMs,
    activeMsCount: activeMs.length,
  }
}

function nodeLaneName({ pid }: Recording): string {
  return `node ${pid}`
}

function peerLaneName(pid: Pid): string {
  return `peer ${pid}`
}

/** One message to several peers in one millisecond is one mark. */
function timelineMarks(recording: Recording): readonly TimelineMark[] {
  const nodeLane = nodeLaneName(recording)
  const incarnations = new Map<Pid, string>()
  const linkStates = new Map(recording.peers.map(({ pid, link }) => [pid, link]))
  const marks: TimelineMark[] = []
  let sent: { readonly event: SentEvent; readonly to: Pid[]; readonly index: number } | undefined
  for (const event of recording.events) {
    const { atMs } = event
    if (event.type === 'sent' && sent !== undefined && isSameMessage(sent.event, event)) {
      sent.to.push(event.to)
      marks[sent.index] = {
        atMs: sent.event.atMs,
        lane: nodeLane,
        meaning: sentText(sent.to, event),
      }
      continue
    }
    sent = undefined
    if (event.type === 'sent') {
      sent = { event, to: [event.to], index: marks.length }
      marks.push({ atMs, lane: nodeLane, meaning: sentText(sent.to, event) })
      continue
    }
    if (event.type === 'received') {
      const previous = incarnations.get(event.from)
      incarnations.set(event.from, event.incarnation)
      if (previous !== undefined && previous !== event.incarnation) {
        marks.push({
          atMs,
          lane: peerLaneName(event.from),
          meaning: `node ${event.from} restarted`,
        })
      }
    }
    if (event.type === 'peers') {
      // The link of a peer that is added again is another link.
      const pids = new Set(event.peers.map(({ pid }) => pid))
      for (const pid of linkStates.keys()) if (!pids.has(pid)) linkStates.delete(pid)
    }
    if (event.type === 'link') {
      const { peer, state, reason } = event
      if (reason !== undefined) marks.push({ atMs, lane: peerLaneName(peer), meaning: reason })
      const previous = linkStates.get(peer)
      linkStates.set(peer, state)
      // A link that was never up does not go down: it only says why it is not up.
      const wasUp = previous === 'up' || previous === 'unresponsive'
      if (previous === state || (state === 'down' && !wasUp)) continue
    }
    const mark = toTimelineMark(event, nodeLane)
    if (mark !== undefined) marks.push(mark)
  }
  return marks
}

function isSameMessage(a: SentEvent, b: SentEvent): boolean {
  const isSameMs = a.msgId === b.msgId && Math.floor(a.atMs) === Math.floor(b.atMs)
  return isSameMs && messageText(a) === messageText(b)
}

function sentText(pids: readonly Pid[], event: SentEvent): string {
  const verb = event.re === undefined ? 'to' : 'reply to'
  return `${verb} ${pids.join(', ')}: ${messageText(event)}`
}

function toTimelineMark(event: NodeTraceEvent, nodeLane: string): TimelineMark | undefined {
  const { atMs } = event
  switch (event.type) {
    case 'started':
      return { atMs, lane: nodeLane, meaning: 'started', sign: '^' }
    case 'closed':
      return { atMs, lane: nodeLane, meaning: 'closed', sign: '|' }
    case 'received': {
      const { from, re } = event
      const meaning = `${re === undefined ? 'from' : 'reply from'} ${from}: ${messageText(event)}`
      return { atMs, lane: peerLaneName(from), meaning }
    }
    case 'dead': {
      const { to, reason, outcome } = event
      return { atMs, lane: nodeLane, meaning: `dead letter to ${to}: ${reason}, ${outcome}` }
    }
    case 'link': {
      const { peer, state } = event
      const lane = peerLaneName(peer)
      if (state === 'up') return { atMs, lane, meaning: state, sign: '^' }
      if (state === 'down') return { atMs, lane, meaning: state, sign: '!' }
      return { atMs, lane, meaning: `link to ${peer} ${state}` }
    }
    case 'peers': {
      const pids = event.peers.map(({ pid }) => pid)
      return { atMs, lane: nodeLane, meaning: `peers: ${pids.join(', ') || 'none'}` }
    }
    default:
      return undefined
  }
}

function messageText(event: SentEvent | ReceivedEvent): string {
  const text = contentText(event)
  if (text.length <= TEXT_LENGTH_MAX) return text
  const digest = createHash('sha256').update(text).digest('hex').slice(0, DIGEST_LENGTH)
  return `${text.slice(0, TEXT_LENGTH_MAX)}… ${digest}`
}
