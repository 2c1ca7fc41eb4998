/**
 * Converts the trace events of one node to the marks of one lane (inbox, output, links or dead).
 */
import type { NodeTraceEvent, TraceEvent, TraceEventOf } from '../../recording/trace-event.ts'
import type { Pid } from '../../model/pid.ts'

/** The kinds of lanes of a node. */
export type LaneKind = 'inbox' | 'output' | 'links' | 'dead'

/** A mark on a lane, with its frame. */
export type LaneMark<T> =
  | { readonly frame: number; readonly kind: 'next'; readonly value: T }
  | { readonly frame: number; readonly kind: 'complete' }

/** Maps the events of each kind of lane to values. */
export interface LaneValues<T> {
  readonly inbox: (event: TraceEventOf<'received'>) => T
  readonly output: (event: TraceEventOf<'output'>) => T
  /** @param changes the latest state of each peer whose link changed in the frame */
  readonly links: (changes: Readonly<Record<Pid, string>>) => T
  readonly dead: (event: TraceEventOf<'dead'>) => T
}

/** The type of events on each kind of lane, besides the close of the node. */
const EVENT_TYPES: Readonly<Record<LaneKind, NodeTraceEvent['type']>> = {
  inbox: 'received',
  output: 'output',
  links: 'link',
  dead: 'dead',
}

/** Absorbs the error of binary fractions, in frames. */
const EPSILON = 1e-6

/** Returns the frame of a time, counted from `fromMs`. */
export function frameAt(atMs: number, fromMs: number, frameMs: number): number {
  return Math.floor((atMs - fromMs) / frameMs + EPSILON)
}

/**
 * Returns the marks of one lane of a node.
 *
 * @param events a trace, or a part of it
 * @param frame returns the frame of an event
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
    // A close completes the inbox only; the other lanes end with the test.
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
  const states = new Map<Pid, string>()
  for (const event of nodeEvents) {
    if (event.type === 'peers') {
      // The link of a peer that is added again is another link.
      const pids = new Set(event.peers.map(({ pid }) => pid))
      for (const pid of states.keys()) if (!pids.has(pid)) states.delete(pid)
    }
    // A change of the reason alone is no mark.
    if (event.type !== 'link' || states.get(event.peer) === event.state) continue
    states.set(event.peer, event.state)
    const at = frame(event)
    frames.set(at, { ...frames.get(at), [event.peer]: event.state })
  }
  return [...frames].map(([at, changes]) => ({ frame: at, kind: 'next', value: links(changes) }))
}
