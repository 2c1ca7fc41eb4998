/** The cone of a violation: what happened before it, in the sense of Lamport (1978). */
import type { Incarnation } from '../../model/envelope.ts'
import type { NodeTraceEvent, TraceEvent } from '../../recording/trace-event.ts'
import type { Pid } from '../../model/pid.ts'
import { outputName } from './run-plan.ts'

/** What a violation depends on, in the order of time, and how much that is. */
export interface CausalHistory {
  readonly events: readonly TraceEvent[]
  readonly faults: number
  readonly sends: number
  readonly timers: number
}

/** What a trace says about itself, at each of its events. */
export interface AnnotatedEvent {
  readonly event: TraceEvent
  /** For `sent` and `received`: the same text at both ends. */
  readonly messageKey?: string
  /** For `output`: its name, as a run that mutes it knows it. */
  readonly outputName?: string
  /** For `output`: what it says, but for numbers. */
  readonly pattern?: string
}

/** Tells of each event up to the violation what belongs to it. */
export function annotate(trace: readonly TraceEvent[]): readonly AnnotatedEvent[] {
  const incarnations = new Map<Pid, Incarnation>()
  const knownIncarnations = new Set<Incarnation>()
  const outputCounts = new Map<string, number>()
  const crashCounts = new Map<Pid, number>()
  const nextIndex = (key: string): number => {
    const count = outputCounts.get(key) ?? 0
    outputCounts.set(key, count + 1)
    return count
  }
  const annotatedEvents: AnnotatedEvent[] = []
  for (const event of trace) {
    if (event.type === 'violated') break
    switch (event.type) {
      case 'started':
        incarnations.set(event.pid, event.incarnation)
        knownIncarnations.add(event.incarnation)
        annotatedEvents.push({ event })
        break
      case 'crashed':
        crashCounts.set(event.pid, (crashCounts.get(event.pid) ?? 0) + 1)
        annotatedEvents.push({ event })
        break
      case 'sent': {
        const messageKey = `${event.pid} ${incarnations.get(event.pid) ?? ''} ${event.to} ${event.msgId}`
        annotatedEvents.push({ event, messageKey })
        break
      }
      case 'received': {
        // The first lives may have begun before the trace did.
        const incarnation = knownIncarnations.has(event.incarnation) ? event.incarnation : ''
        const messageKey = `${event.from} ${incarnation} ${event.pid} ${event.msgId}`
        annotatedEvents.push({ event, messageKey })
        break
      }
      case 'output': {
        const incarnation = crashCounts.get(event.pid) ?? 0
        const index = nextIndex(`${event.pid} ${incarnation}`)
        annotatedEvents.push({
          event,
          outputName: outputName(event.pid, incarnation, index),
          pattern: patternOf(event.value),
        })
        break
      }
      default:
        annotatedEvents.push({ event })
    }
  }
  return annotatedEvents
}

/**
 * The causal past of some outputs: at each process what came before, and for what it received, what
 * came before that was sent, and what was sent and never arrived. All faults belong to it: a plan
 * that was shrunk has no other.
 *
 * @param isRoot what the violation is about; where that is never so, everything belongs to the cone
 */
export function causalHistoryOf(
  annotatedEvents: readonly AnnotatedEvent[],
  isRoot: (annotatedEvent: AnnotatedEvent) => boolean,
): CausalHistory {
  const rootPids = new Set(annotatedEvents.filter(isRoot).map(({ event }) => pidOf(event)))
  const includesAll = rootPids.size === 0
  const activePids = new Set<Pid>()
  const awaitedKeys = new Set<string>()
  const lostKeys = lostMessageKeys(annotatedEvents)
  const events: TraceEvent[] = []
  let faults = 0
  let sends = 0
  let timers = 0
  for (const annotatedEvent of annotatedEvents.toReversed()) {
    const { event, messageKey = '' } = annotatedEvent
    if (event.type === 'violated') continue
    if (event.type === 'fault') {
      faults++
      events.push(event)
      continue
    }
    if (includesAll || isRoot(annotatedEvent)) activePids.add(event.pid)
    if (event.type === 'sent' && awaitedKeys.has(messageKey)) activePids.add(event.pid)
    // What it said afterwards in vain may be why nothing came.
    const wasLost = lostKeys.has(messageKey) && rootPids.has(event.pid)
    if (!activePids.has(event.pid) && !wasLost) continue
    switch (event.type) {
      case 'sent':
        // Of what it sent besides, nothing came; where it never arrived, that may be why.
        if (!awaitedKeys.has(messageKey) && !includesAll && !lostKeys.has(messageKey)) continue
        sends++
        break
      case 'received':
        awaitedKeys.add(messageKey)
        break
      case 'timer':
        timers++
        break
      default:
    }
    if (isRendered(event)) events.push(event)
  }
  return { events: events.toReversed(), faults, sends, timers }
}

function pidOf(event: TraceEvent): Pid | undefined {
  return 'pid' in event ? event.pid : undefined
}

/** What has not arrived, and would have long since if it were on its way. */
function lostMessageKeys(annotatedEvents: readonly AnnotatedEvent[]): ReadonlySet<string> {
  const sentAt = new Map<string, number>()
  let maxDelayMs = 0
  let endMs = 0
  for (const { event, messageKey = '' } of annotatedEvents) {
    endMs = event.atMs
    if (event.type === 'sent') sentAt.set(messageKey, event.atMs)
    if (event.type !== 'received') continue
    maxDelayMs = Math.max(maxDelayMs, event.atMs - (sentAt.get(messageKey) ?? event.atMs))
    sentAt.delete(messageKey)
  }
  const lost = [...sentAt].filter(([, atMs]) => atMs + maxDelayMs < endMs)
  return new Set(lost.map(([messageKey]) => messageKey))
}

function isRendered(event: NodeTraceEvent): boolean {
  return event.type !== 'link' && event.type !== 'dead' && event.type !== 'closed'
}

function patternOf(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? '').replaceAll(/\d+/g, '0')
  } catch {
    return ''
  }
}
