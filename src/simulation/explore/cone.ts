/** The cone of a violation: what happened before it, in the sense of Lamport (1978). */
import type { Incarnation } from '../../model/envelope.ts'
import type { NodeTraceEvent, TraceEvent } from '../../model/trace-event.ts'
import type { Pid } from '../../model/pid.ts'
import { outputName } from './run-plan.ts'

/** What a violation depends on, in the order of time, and how much that is. */
export interface Cone {
  readonly events: readonly TraceEvent[]
  readonly faults: number
  readonly sends: number
  readonly timers: number
}

/** What a trace says about itself, at each of its events. */
export interface Annotated {
  readonly event: TraceEvent
  /** For `sent` and `received`: the same text at both ends. */
  readonly mail?: string
  /** For `output`: its name, as a run that mutes it knows it. */
  readonly output?: string
  /** For `output`: what it says, but for numbers. */
  readonly shape?: string
}

/** Tells of each event up to the violation what belongs to it. */
export function annotate(trace: readonly TraceEvent[]): readonly Annotated[] {
  const lives = new Map<Pid, Incarnation>()
  const known = new Set<Incarnation>()
  const counts = new Map<string, number>()
  const crashes = new Map<Pid, number>()
  const next = (key: string): number => {
    const count = counts.get(key) ?? 0
    counts.set(key, count + 1)
    return count
  }
  const annotated: Annotated[] = []
  for (const event of trace) {
    if (event.type === 'violated') break
    switch (event.type) {
      case 'started':
        lives.set(event.pid, event.incarnation)
        known.add(event.incarnation)
        annotated.push({ event })
        break
      case 'crashed':
        crashes.set(event.pid, (crashes.get(event.pid) ?? 0) + 1)
        annotated.push({ event })
        break
      case 'sent': {
        const mail = `${event.pid} ${lives.get(event.pid) ?? ''} ${event.to} ${event.msgId}`
        annotated.push({ event, mail })
        break
      }
      case 'received': {
        // The first lives may have begun before the trace did.
        const life = known.has(event.incarnation) ? event.incarnation : ''
        const mail = `${event.from} ${life} ${event.pid} ${event.msgId}`
        annotated.push({ event, mail })
        break
      }
      case 'output': {
        const life = crashes.get(event.pid) ?? 0
        const index = next(`${event.pid} ${life}`)
        annotated.push({
          event,
          output: outputName(event.pid, life, index),
          shape: shapeOf(event.value),
        })
        break
      }
      default:
        annotated.push({ event })
    }
  }
  return annotated
}

/**
 * The causal past of some outputs: at each process what came before, and for what it received, what
 * came before that was sent, and what was sent and never arrived. All faults belong to it: a plan
 * that was shrunk has no other.
 *
 * @param isRoot what the violation is about; where that is never so, everything belongs to the cone
 */
export function coneOf(annotated: readonly Annotated[], isRoot: (one: Annotated) => boolean): Cone {
  const roots = new Set(annotated.filter(isRoot).map(({ event }) => pidOf(event)))
  const all = roots.size === 0
  const active = new Set<Pid>()
  const awaited = new Set<string>()
  const lost = lostMail(annotated)
  const events: TraceEvent[] = []
  let faults = 0
  let sends = 0
  let timers = 0
  for (const one of annotated.toReversed()) {
    const { event, mail = '' } = one
    if (event.type === 'violated') continue
    if (event.type === 'fault') {
      faults++
      events.push(event)
      continue
    }
    if (all || isRoot(one)) active.add(event.pid)
    if (event.type === 'sent' && awaited.has(mail)) active.add(event.pid)
    // What it said afterwards in vain may be why nothing came.
    const inVain = lost.has(mail) && roots.has(event.pid)
    if (!active.has(event.pid) && !inVain) continue
    switch (event.type) {
      case 'sent':
        // Of what it sent besides, nothing came; where it never arrived, that may be why.
        if (!awaited.has(mail) && !all && !lost.has(mail)) continue
        sends++
        break
      case 'received':
        awaited.add(mail)
        break
      case 'timer':
        timers++
        break
      default:
    }
    if (isPartOfTheStory(event)) events.push(event)
  }
  return { events: events.toReversed(), faults, sends, timers }
}

function pidOf(event: TraceEvent): Pid | undefined {
  return 'pid' in event ? event.pid : undefined
}

/** What has not arrived, and would have long since if it were on its way. */
function lostMail(annotated: readonly Annotated[]): ReadonlySet<string> {
  const sentAt = new Map<string, number>()
  let slowestMs = 0
  let endMs = 0
  for (const { event, mail = '' } of annotated) {
    endMs = event.atMs
    if (event.type === 'sent') sentAt.set(mail, event.atMs)
    if (event.type !== 'received') continue
    slowestMs = Math.max(slowestMs, event.atMs - (sentAt.get(mail) ?? event.atMs))
    sentAt.delete(mail)
  }
  const late = [...sentAt].filter(([, atMs]) => atMs + slowestMs < endMs)
  return new Set(late.map(([mail]) => mail))
}

function isPartOfTheStory(event: NodeTraceEvent): boolean {
  return event.type !== 'link' && event.type !== 'dead' && event.type !== 'closed'
}

function shapeOf(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? '').replaceAll(/\d+/g, '0')
  } catch {
    return ''
  }
}
