/** Renders a failure as marbles: a lane for the network, and one for each node. */
import type { CausalHistory } from './causal-history.ts'
import type { Pid } from '../../model/pid.ts'
import type { Plan } from './plan.ts'
import { type TimelineMark, renderTimeline } from '../marbles/timeline.ts'
import type { ReceivedEvent, SentEvent, TraceEvent } from '../../recording/trace-event.ts'
import type { Violation } from '../simulation/world.ts'
import { parseFault } from '../simulation/faults/fault-syntax.ts'
import { contentText } from '../../codec/json-envelope.ts'
import { toJson } from '../../codec/json-message.ts'
import { truncate } from '../../base/describe-value.ts'

const NETWORK = 'network'
/** Only the last moments of a longer failure are drawn. */
const MOMENTS_MAX = 30
const COLUMNS = 100
/** Longer messages are truncated. */
const TEXT_LENGTH_MAX = 80

/**
 * Renders what a violation depends on, in the grammar of network lanes.
 *
 * - A character is a millisecond, `(ab)` happens in one millisecond, and ` 250ms ` stands for 250
 *   milliseconds without an event. Blanks only align the lanes.
 * - A letter is defined below the lanes. That of a message stands in the lanes of its sender and
 *   its receivers; that of a fault in the lane of the network and of the node that it affects.
 * - `*` is a timer, and `#` the violation.
 */
export function renderFailure(plan: Plan, violation: Violation, history: CausalHistory): string {
  const marks = marksOf(plan, history)
  const moments = [...new Set(marks.map(({ atMs }) => atMs))].toSorted((a, b) => a - b)
  const firstMs = moments.at(-MOMENTS_MAX) ?? moments[0] ?? 0
  const omitted = Math.max(0, moments.length - MOMENTS_MAX)
  const lanes = [NETWORK, ...Array.from({ length: plan.peers }, (_, index) => laneName(index + 1))]
  const shown = marks.filter(({ atMs }) => atMs >= firstMs).toSorted((a, b) => a.atMs - b.atMs)
  // After the events that cause it, even if those are in the same millisecond.
  const atMs = Math.max(violation.atMs, (moments.at(-1) ?? -1) + 1)
  const end: TimelineMark = { atMs, lane: NETWORK, meaning: violation.check, sign: '#' }
  const fromMs = omitted === 0 ? 0 : firstMs
  return [
    ...(omitted === 0
      ? []
      : [`… ${omitted} moments before ${firstMs} ms are not drawn`, `from ${firstMs}ms on:`]),
    ...renderTimeline([...shown, end], { lanes, fromMs, columns: COLUMNS }),
    ...(shown.some(({ sign }) => sign === '*') ? ['* = a timer fires'] : []),
    `# = ${truncated(violation.detail)}`,
  ].join('\n')
}

function laneName(pid: Pid): string {
  return `node ${pid}`
}

function marksOf(plan: Plan, { events }: CausalHistory): readonly TimelineMark[] {
  const messages = new MessageIndex(events)
  const commandMarks = plan.commands.map(({ atMs, pid, name, args }) => {
    const meaning = `command ${name}${args === undefined ? '' : ` ${textOf(args)}`}`
    return { atMs: Math.floor(atMs), lane: laneName(pid), meaning }
  })
  const marks: TimelineMark[] = [...commandMarks]
  for (const event of events) {
    const atMs = Math.floor(event.atMs)
    if (event.type === 'fault') {
      const meaning = event.fault
      const lanes = [NETWORK, ...pidsOf(meaning).map(laneName)]
      marks.push(...lanes.map((lane) => ({ atMs, lane, meaning })))
      continue
    }
    if (event.type === 'violated') continue
    const lane = laneName(event.pid)
    if (event.type === 'timer') marks.push({ atMs, lane, meaning: 'a timer fires', sign: '*' })
    else if (event.type === 'sent') {
      // One message to several peers is one mark.
      if (messages.isFirst(event)) marks.push({ atMs, lane, meaning: messages.sentText(event) })
    } else if (event.type === 'received') {
      marks.push({ atMs, lane, meaning: messages.receivedText(event) })
    } else if (event.type === 'output') {
      marks.push({ atMs, lane, meaning: `output ${textOf(event.value)}` })
    } else if (event.type === 'failed') {
      marks.push({ atMs, lane, meaning: `fails: ${truncated(event.error)}` })
    }
    // Starts, crashes and pauses are drawn as faults.
  }
  return marks
}

/** Returns the pids of the nodes that a fault affects; none for a fault of the network. */
function pidsOf(text: string): readonly Pid[] {
  return parseFault(text).flatMap((fault) => ('pid' in fault ? [fault.pid] : []))
}

/** One message, to one or more peers. */
interface Message {
  readonly firstEvent: SentEvent
  readonly to: Pid[]
}

/** Finds the message of an event: sender and receiver must render the same text. */
class MessageIndex {
  readonly #sent = new Map<TraceEvent, Message>()
  /** The key contains the message, because a restarted process uses the same `msgId` again. */
  readonly #byRoute = new Map<string, Message>()

  constructor(events: readonly TraceEvent[]) {
    let current: Message | undefined
    for (const event of events) {
      if (event.type !== 'sent') continue
      if (current === undefined || !isSameMessage(current.firstEvent, event))
        current = { firstEvent: event, to: [] }
      current.to.push(event.to)
      this.#sent.set(event, current)
      this.#byRoute.set(routeKey(event.pid, event.to, event), current)
    }
  }

  isFirst(event: SentEvent): boolean {
    return this.#sent.get(event)?.firstEvent === event
  }

  sentText(event: SentEvent): string {
    return messageText(event.pid, this.#sent.get(event)?.to ?? [event.to], event)
  }

  receivedText(event: ReceivedEvent): string {
    const message = this.#byRoute.get(routeKey(event.from, event.pid, event))
    return messageText(event.from, message?.to ?? [event.pid], event)
  }
}

type MessageEvent = SentEvent | ReceivedEvent

function routeKey(from: Pid, to: Pid, event: MessageEvent): string {
  return `${from}>${to} ${event.msgId} ${messageTextOf(event)}`
}

function messageText(from: Pid, to: readonly Pid[], event: MessageEvent): string {
  return `${from} to ${to.join(', ')}: ${messageTextOf(event)}`
}

function isSameMessage(a: SentEvent, b: SentEvent): boolean {
  const isOneSend = a.pid === b.pid && Math.floor(a.atMs) === Math.floor(b.atMs)
  return isOneSend && a.msgId === b.msgId && messageTextOf(a) === messageTextOf(b)
}

function messageTextOf(event: MessageEvent): string {
  return textFrom(event.msg, () => contentText(event))
}

function textOf(value: unknown): string {
  return textFrom(value, () => JSON.stringify(toJson(value)))
}

/** The protocol may have made a value that is no JSON, such as a circular one. */
function textFrom(value: unknown, json: () => string | undefined): string {
  try {
    return truncated(json() ?? String(value))
  } catch {
    return truncated(String(value))
  }
}

function truncated(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return truncate(line, TEXT_LENGTH_MAX)
}
