/** The lanes of a node in a trace: which events belong on which, and as what. */
import type { NodeTraceEvent, TraceEvent, TraceEventOf } from '../../recording/trace-event.ts'
import type { Pid } from '../../model/pid.ts'

/** What of a node can be drawn. */
export type LaneKind = 'inbox' | 'output' | 'links' | 'dead'

/** What is on a lane at a moment, in frames. */
export type LaneMark<T> =
  | { readonly frame: number; readonly kind: 'next'; readonly value: T }
  | { readonly frame: number; readonly kind: 'complete' }

/** What each kind of lane makes of its events. */
export interface LaneValues<T> {
  readonly inbox: (event: TraceEventOf<'received'>) => T
  readonly output: (event: TraceEventOf<'output'>) => T
  /** @param changes what changed in one frame, the latest of each peer */
  readonly links: (changes: Readonly<Record<Pid, string>>) => T
  readonly dead: (event: TraceEventOf<'dead'>) => T
}

/** The event types that a kind of lane shows, besides the end of the node. */
const EVENT_TYPES: Readonly<Record<LaneKind, NodeTraceEvent['type']>> = {
  inbox: 'received',
  output: 'output',
  links: 'link',
  dead: 'dead',
}
/** Moments are told apart from what binary fractions make of them. */
const EPSILON = 1e-6

/** The frame that a moment is in, counted from another one. */
export function frameAt(atMs: number, fromMs: number, frameMs: number): number {
  return Math.floor((atMs - fromMs) / frameMs + EPSILON)
}

/**
 * One lane of a node.
 *
 * @param events a trace, or a part of it
 * @param frame the frame of an event
 */
export function laneMarks<T>(
  kind: LaneKind,
  pid: Pid,
  events: readonly TraceEvent[],
  frame: (event: TraceEvent) => number,
  values: LaneValues<T>,
): readonly LaneMark<T>[] {
  const nodeEvents = events.filter(
    (event): event is NodeTraceEvent => 'pid' in event && event.pid === pid,
  )
  if (kind === 'links') return linkMarks(nodeEvents, frame, values)
  return nodeEvents.flatMap((event): readonly LaneMark<T>[] => {
    const at = frame(event)
    // A node that closes ends its inbox; what else there is ends with the test.
    if (event.type === 'closed') return kind === 'inbox' ? [{ frame: at, kind: 'complete' }] : []
    if (event.type !== EVENT_TYPES[kind]) return []
    if (event.type === 'received') return [{ frame: at, kind: 'next', value: values.inbox(event) }]
    if (event.type === 'output') return [{ frame: at, kind: 'next', value: values.output(event) }]
    if (event.type === 'dead') return [{ frame: at, kind: 'next', value: values.dead(event) }]
    return []
  })
}

function linkMarks<T>(
  nodeEvents: readonly NodeTraceEvent[],
  frame: (event: TraceEvent) => number,
  { links }: LaneValues<T>,
): readonly LaneMark<T>[] {
  const frames = new Map<number, Record<Pid, string>>()
  for (const event of nodeEvents) {
    if (event.type !== 'link') continue
    const at = frame(event)
    frames.set(at, { ...frames.get(at), [event.peer]: event.state })
  }
  return [...frames].map(([at, changes]) => ({ frame: at, kind: 'next', value: links(changes) }))
}
