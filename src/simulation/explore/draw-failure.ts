/** Draws a failure as marbles: a lane for the network, and one for each node. */
import type { Cone } from './cone.ts'
import type { Pid } from '../../model/pid.ts'
import type { Plan } from './plan.ts'
import { type StoryMark, drawStory } from '../../marbles/story.ts'
import type { TraceEvent } from '../../model/trace-event.ts'
import type { Violation } from '../world.ts'
import { parseFault } from '../fault-words.ts'
import { toJson } from '../../model/json-message.ts'

const NETWORK = 'network'
/** A longer story is told from so many moments before its end. */
const MOMENTS_MAX = 30
/** So wide is a terminal, or a window beside another. */
const COLUMNS = 100
/** What a longer message begins with tells enough. */
const TEXT_MAX = 80

type SentEvent = Extract<TraceEvent, { readonly type: 'sent' }>

/**
 * Draws what a violation depends on, in the grammar of network lanes: a character is a millisecond,
 * blanks mean nothing, `(ab)` happens in one millisecond, ` 250ms ` lets time pass in which nothing
 * happens. A letter stands in each lane that it concerns: a message where it is sent, and where it
 * is received; a fault in the lane of the network, and in those of nodes that crash or pause. `*`
 * is a timer, and `#` the violation. What the letters mean stands below.
 */
export function drawFailure(plan: Plan, violation: Violation, cone: Cone): string {
  const marks = marksOf(plan, cone)
  const moments = [...new Set(marks.map(({ atMs }) => atMs))].toSorted((a, b) => a - b)
  const first = moments.at(-MOMENTS_MAX) ?? moments[0] ?? 0
  const left = Math.max(0, moments.length - MOMENTS_MAX)
  const lanes = [NETWORK, ...Array.from({ length: plan.peers }, (_, index) => nameOf(index + 1))]
  const shown = marks.filter(({ atMs }) => atMs >= first).toSorted((a, b) => a.atMs - b.atMs)
  // Behind what it came of, even if that was in the same millisecond.
  const atMs = Math.max(violation.atMs, (moments.at(-1) ?? -1) + 1)
  const end: StoryMark = { atMs, lane: NETWORK, what: violation.check, sign: '#' }
  const fromMs = left === 0 ? 0 : first
  return [
    ...(left === 0
      ? []
      : [`… ${left} moments before ${first} ms are not drawn`, `from ${first}ms on:`]),
    ...drawStory([...shown, end], { lanes, fromMs, columns: COLUMNS }),
    ...(shown.some(({ sign }) => sign === '*') ? ['* = a timer fires'] : []),
    `# = ${fitted(violation.detail)}`,
  ].join('\n')
}

function nameOf(pid: Pid): string {
  return `node ${pid}`
}

function marksOf(plan: Plan, { events }: Cone): readonly StoryMark[] {
  const mail = new Mail(events)
  const told = plan.commands.map(({ atMs, pid, name, args }) => {
    const what = `told to ${name}${args === undefined ? '' : ` ${textOf(args)}`}`
    return { atMs: Math.floor(atMs), lane: nameOf(pid), what }
  })
  const marks: StoryMark[] = [...told]
  for (const event of events) {
    const atMs = Math.floor(event.atMs)
    if (event.type === 'fault') {
      const what = event.fault
      const lanes = [NETWORK, ...pidsOf(what).map(nameOf)]
      marks.push(...lanes.map((lane) => ({ atMs, lane, what })))
      continue
    }
    if (event.type === 'violated') continue
    const lane = nameOf(event.pid)
    if (event.type === 'timer') marks.push({ atMs, lane, what: 'a timer fires', sign: '*' })
    else if (event.type === 'sent') {
      // One message to several is one mark.
      if (mail.isFirst(event)) marks.push({ atMs, lane, what: mail.saying(event) })
    } else if (event.type === 'received') {
      marks.push({ atMs, lane, what: mail.heard(event) })
    } else if (event.type === 'output') {
      marks.push({ atMs, lane, what: `says ${textOf(event.value)}` })
    } else if (event.type === 'failed') {
      marks.push({ atMs, lane, what: `fails: ${fitted(event.error)}` })
    }
    // That it started, crashed or was paused is what a fault says.
  }
  return marks
}

/** Whom a fault of nodes is about; nobody where it is one of the network. */
function pidsOf(text: string): readonly Pid[] {
  return parseFault(text).flatMap((fault) => ('pid' in fault ? [fault.pid] : []))
}

/** One message, to one or to several. */
interface Letter {
  readonly first: SentEvent
  readonly to: Pid[]
}

/** What was said to whom: the same text where it is sent, and where it is received. */
class Mail {
  readonly #sent = new Map<TraceEvent, Letter>()
  /** A process that restarts counts its messages anew: what they say may tell them apart. */
  readonly #ways = new Map<string, Letter>()

  constructor(events: readonly TraceEvent[]) {
    let last: Letter | undefined
    for (const event of events) {
      if (event.type !== 'sent') continue
      if (last === undefined || !isSameMail(last.first, event)) last = { first: event, to: [] }
      last.to.push(event.to)
      this.#sent.set(event, last)
      this.#ways.set(wayOf(event.pid, event.to, event), last)
    }
  }

  isFirst(event: SentEvent): boolean {
    return this.#sent.get(event)?.first === event
  }

  saying(event: SentEvent): string {
    return said(event.pid, this.#sent.get(event)?.to ?? [event.to], event.msg)
  }

  heard(event: Extract<TraceEvent, { readonly type: 'received' }>): string {
    const letter = this.#ways.get(wayOf(event.from, event.pid, event))
    return said(event.from, letter?.to ?? [event.pid], event.msg)
  }
}

function wayOf(from: Pid, to: Pid, { msgId, msg }: Pick<SentEvent, 'msgId' | 'msg'>): string {
  return `${from}>${to} ${msgId} ${textOf(msg)}`
}

function said(from: Pid, to: readonly Pid[], msg: unknown): string {
  return `${from} to ${to.join(', ')}: ${textOf(msg)}`
}

function isSameMail(a: SentEvent, b: SentEvent): boolean {
  const together = a.pid === b.pid && Math.floor(a.atMs) === Math.floor(b.atMs)
  return together && a.msgId === b.msgId && textOf(a.msg) === textOf(b.msg)
}

function textOf(value: unknown): string {
  try {
    return fitted(JSON.stringify(toJson(value)) ?? String(value))
  } catch {
    return fitted(String(value))
  }
}

function fitted(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length <= TEXT_MAX ? line : `${line.slice(0, TEXT_MAX - 1)}…`
}
