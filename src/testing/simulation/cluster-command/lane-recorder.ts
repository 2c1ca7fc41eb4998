/** Records a simulated cluster, and draws the lanes below the line of a cluster marble test. */
import { type LabelRequest, EnvelopeLabels, literal } from './envelope-labels.ts'
import { type LaneMark, frameAt, laneMarks } from '../../marbles/trace-lanes.ts'
import { assignTwice, assignLabels } from '../../marbles/labels.ts'
import { describeFrame } from './describe-frame.ts'
import type { ClusterCall, LaneSelection } from './cluster-call.ts'
import type { Frame } from '../../../ports/transport.ts'
import type { MarbleLane, MarblePart, MarbleTest } from '../../marbles/marble-test.ts'
import type { Labels } from '../../marbles/labels.ts'
import type { MarbleMark } from '../../marbles/drawing.ts'
import { BROADCAST, type Pid } from '../../../model/pid.ts'
import type { TraceEvent } from '../../../recording/trace-event.ts'
import { decodeFrame } from '../../../protocol/wire/decode-frame.ts'
import { LiteralNotation, valueOf } from '../../marbles/values.ts'

interface SentFrame {
  readonly atMs: number
  readonly from: Pid
  readonly text: string
}

/** Records trace events and frames, and draws the selected lanes. */
export class LaneRecorder {
  readonly envelopes = new EnvelopeLabels()
  readonly #call: ClusterCall
  readonly #events: TraceEvent[] = []
  readonly #frames: SentFrame[] = []
  /** The mark of each event, determined when it happened. */
  readonly #labels = new Map<TraceEvent, LabelRequest>()

  constructor(call: ClusterCall) {
    this.#call = call
  }

  /** Discards the records so far; call it at time 0. */
  reset(): void {
    this.#events.length = 0
    this.#frames.length = 0
  }

  record(event: TraceEvent): void {
    this.#events.push(event)
    if (!('pid' in event)) return
    this.envelopes.record(event)
    if (event.type === 'received') this.#labels.set(event, this.envelopes.received(event))
    if (event.type === 'dead') this.#labels.set(event, this.envelopes.dead(event))
  }

  /** Records a frame that a node sent, or a dial, which has no frame. */
  frameSent(atMs: number, from: Pid, to: Pid, parts?: Frame): void {
    const receiver = this.#call.pids.length > 2 ? ` to ${to}` : ''
    const text = parts === undefined ? 'CONNECT' : describeFrame(decodeFrame(parts))
    this.#frames.push({ atMs, from, text: text + receiver })
  }

  /**
   * Draws the selected lanes.
   *
   * @param fromMs the time of frame 0
   * @param frames the length of the lanes
   */
  toPart(test: MarbleTest, fromMs: number, frames: number): MarblePart {
    const { tickMs, pids, lanes: selections } = this.#call
    const at = (atMs: number): number => frameAt(atMs, fromMs, tickMs)
    const lanes = pids.flatMap((pid) => {
      const nodeSelections = selections.filter((selection) => (selection.pid ?? pid) === pid)
      return nodeSelections.map(({ kind }) => {
        const marks = this.#marks(kind, pid, at)
        return {
          name: `${kind}${pid}`,
          marks: marks.filter(({ frame }) => isWithin(frame, frames)),
        }
      })
    })
    const labelledValues = labelledValuesOf(test)
    return assignTwice(test.expected.definitions, (previous) => {
      const labels = assignLabels(labelledValues, previous)
      const marbleLanes = lanes.map(({ name, marks }): MarbleLane => {
        const drawing = { marks: marks.map((mark) => markOf(mark, labels)), frames }
        return { name, drawing }
      })
      return { lanes: marbleLanes, definitions: labels.assigned, failures: [] }
    })
  }

  #marks(
    kind: LaneSelection['kind'],
    pid: Pid,
    at: (atMs: number) => number,
  ): readonly LaneMark<LabelRequest>[] {
    if (kind === 'frames') return this.#frameMarks(pid, at)
    return laneMarks(kind, pid, this.#events, ({ atMs }) => at(atMs), {
      inbox: (event) => this.#labelOf(event),
      dead: (event) => this.#labelOf(event),
      output: ({ value }) => ({ value }),
      links: (changes) => ({
        value: literal(describeLinks(changes)),
        preferred: preferredLinkLabel(changes),
      }),
    })
  }

  /** Returns one mark for all frames of the same tick. */
  #frameMarks(pid: Pid, at: (atMs: number) => number): readonly LaneMark<LabelRequest>[] {
    const ticks = new Map<number, SentFrame[]>()
    for (const sent of this.#frames.filter(({ from }) => from === pid)) {
      const frame = at(sent.atMs)
      ticks.set(frame, [...(ticks.get(frame) ?? []), sent])
    }
    return [...ticks].map(([frame, sent]): LaneMark<LabelRequest> => {
      const value = literal(sent.map(({ text }) => text).join('; '))
      return { frame, kind: 'next', value: { value, preferred: sent[0]?.text.charAt(0) } }
    })
  }

  #labelOf(event: TraceEvent): LabelRequest {
    return this.#labels.get(event) ?? { value: undefined }
  }
}

/** Returns the letters above the line with their values; an undefined letter means itself. */
function labelledValuesOf({
  given,
}: MarbleTest): readonly (readonly [letter: string, value: unknown])[] {
  const defined = given.definitions.map(({ letter, value }) => {
    return [
      letter,
      value.kind === 'literal' ? new LiteralNotation(value) : valueOf(letter, value),
    ] as const
  })
  const letters = given.lanes.flatMap(({ drawing }) =>
    drawing.marks.flatMap((mark) => (mark.kind === 'next' ? [mark.letter] : [])),
  )
  const others = [...new Set(letters)].filter((one) => defined.every(([letter]) => letter !== one))
  return [...defined, ...others.map((one) => [one, { pid: BROADCAST, msg: one }] as const)]
}

function isWithin(frame: number, frames: number): boolean {
  return frame >= 0 && frame < frames
}

function markOf(mark: LaneMark<LabelRequest>, labels: Labels): MarbleMark {
  const { frame } = mark
  if (mark.kind === 'complete') return { frame, kind: 'complete' }
  const { value: request } = mark
  const letter = 'letter' in request ? request.letter : labels.of(request.value, request.preferred)
  return { frame, kind: 'next', letter }
}

/** Formats changes of links: `2, 3 up; 4 down`. */
function describeLinks(changes: Readonly<Record<Pid, string>>): string {
  const states = new Map<string, string[]>()
  for (const [peer, state] of Object.entries(changes)) {
    states.set(state, [...(states.get(state) ?? []), peer])
  }
  return [...states].map(([state, peers]) => `${peers.join(', ')} ${state}`).join('; ')
}

function preferredLinkLabel(changes: Readonly<Record<Pid, string>>): string | undefined {
  const [first, ...others] = new Set(Object.values(changes))
  return others.length === 0 ? first?.charAt(0) : undefined
}
