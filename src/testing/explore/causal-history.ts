/** The causal history of a violation: the events that happened before it (Lamport, 1978). */
import type { Incarnation } from '../../model/envelope.ts'
import type { NodeTraceEvent, TraceEvent } from '../../recording/trace-event.ts'
import type { Pid } from '../../model/pid.ts'
import { outputName } from './run-plan.ts'

/** The events that a violation depends on, in the order of time, and their number. */
export interface CausalHistory {
  readonly events: readonly TraceEvent[]
  readonly faults: number
  readonly sends: number
  readonly timers: number
}

/** A trace event with the keys that relate it to other events. */
export interface AnnotatedEvent {
  readonly event: TraceEvent
  /** Of `sent` and `received`: identifies the message, with the same text at both ends. */
  readonly messageKey?: string
  /** Of `output`: its name in `PlanRunOptions.hiddenOutputs`. */
  readonly outputName?: string
  /** Of `output`: its value as JSON, with all numbers replaced by 0. */
  readonly pattern?: string
}

/** Annotates the events of a trace up to the violation. */
export function annotate(trace: readonly TraceEvent[]): readonly AnnotatedEvent[] {
  const incarnations = new Map<Pid, Incarnation>()
  const knownIncarnations = new Set<Incarnation>()
  const outputCounts = new Map<string, number>()
  /** How often each process started within the trace, which begins when all run. */
  const startCounts = new Map<Pid, number>()
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
        startCounts.set(event.pid, (startCounts.get(event.pid) ?? 0) + 1)
        annotatedEvents.push({ event })
        break
      case 'sent': {
        const incarnation = incarnations.get(event.pid) ?? ''
        const messageKey = `${event.pid} ${incarnation} ${event.to} ${event.msgId}`
        annotatedEvents.push({ event, messageKey })
        break
      }
      case 'received': {
        // The trace has no `started` for incarnations that began before it.
        const incarnation = knownIncarnations.has(event.incarnation) ? event.incarnation : ''
        const messageKey = `${event.from} ${incarnation} ${event.pid} ${event.msgId}`
        annotatedEvents.push({ event, messageKey })
        break
      }
      case 'output': {
        const restarts = startCounts.get(event.pid) ?? 0
        const index = nextIndex(`${event.pid} ${restarts}`)
        annotatedEvents.push({
          event,
          outputName: outputName(event.pid, restarts, index),
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
 * Returns the causal history of the root events.
 *
 * It contains all earlier events of a root's process and, for each message received, all events
 * before its send at the sender. It also contains messages that a root's process sent and that were
 * lost, because their absence may be the cause. All faults are included: a shrunk plan has only
 * faults that matter.
 *
 * @param isRoot returns whether the violation is about this event; if none is, the history is the
 *   whole trace
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
    // A message that was lost may be why the root's process received nothing later.
    const wasLost = lostKeys.has(messageKey) && rootPids.has(event.pid)
    if (!activePids.has(event.pid) && !wasLost) continue
    switch (event.type) {
      case 'sent':
        // Other sends matter only if the message was lost.
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

/** Returns messages that were sent, not received, and sent too early to be in flight. */
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

const NOT_RENDERED: ReadonlySet<string> = new Set(['link', 'peers', 'dead', 'closed'])

function isRendered(event: NodeTraceEvent): boolean {
  return !NOT_RENDERED.has(event.type)
}

function patternOf(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? '').replaceAll(/\d+/g, '0')
  } catch {
    return ''
  }
}
