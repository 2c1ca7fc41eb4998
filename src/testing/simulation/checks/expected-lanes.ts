/** Records the lanes that a test expects, and compares them at the end. */
import type { Expectation, Expectations } from './expectations.ts'
import { type LaneKind, type LaneMark, frameAt, laneMarks } from '../../marbles/trace-lanes.ts'
import {
  DrawingError,
  type MarbleDrawing,
  type MarbleMark,
  parseDrawing,
  renderDrawing,
} from '../../marbles/drawing.ts'
import { BROADCAST, type Pid } from '../../../model/pid.ts'
import type { OutgoingEnvelope } from '../../../model/envelope.ts'
import type { TraceEvent, TraceEventOf } from '../../../recording/trace-event.ts'
import type { Violation, World } from '../world.ts'
import { isDeepStrictEqual } from 'node:util'
import { invalidArgument } from '../../../model/check-arguments.ts'
import { unknownNode } from '../faults/check-fault.ts'
import { assignLabels } from '../../marbles/labels.ts'
import { renderDefinition } from '../../marbles/render.ts'

/** The part of a world that expectations need. */
type ExpectationHost = Pick<World, 'as' | 'at' | 'nowMs' | 'pids' | 'trace'>

interface PendingExpectation {
  readonly name: string
  readonly untilMs: number
  /** Returns what is wrong, if anything. */
  evaluate(): string | undefined
}

interface LaneQuery {
  readonly kind: LaneKind
  readonly pid: Pid
  readonly from?: Pid | undefined
}

/** The value of each event on a lane. */
const LANE_VALUES = {
  inbox: ({ msg }: { readonly msg: unknown }): unknown => msg,
  output: ({ value }: { readonly value: unknown }): unknown => value,
  links: (changes: Readonly<Record<Pid, string>>): unknown => changes,
  dead: ({ to, reason, outcome }: TraceEventOf<'dead'>): unknown => ({
    to,
    reason,
    outcome,
  }),
}

/** The expectations of one simulation. */
export class ExpectedLanes implements Expectations {
  readonly #host: ExpectationHost
  readonly #frameMs: number
  readonly #expected: PendingExpectation[] = []

  constructor(host: ExpectationHost, frameMs: number) {
    this.#host = host
    this.#frameMs = frameMs
  }

  /** The time at which all of them can be evaluated. */
  get untilMs(): number {
    return Math.max(0, ...this.#expected.map(({ untilMs }) => untilMs))
  }

  expectInbox(pid: Pid, from?: Pid): Expectation {
    return this.#expect({ kind: 'inbox', pid, from })
  }

  expectOutput(pid: Pid): Expectation {
    return this.#expect({ kind: 'output', pid })
  }

  expectLinks(pid: Pid): Expectation {
    return this.#expect({ kind: 'links', pid })
  }

  expectDead(pid: Pid): Expectation {
    return this.#expect({ kind: 'dead', pid })
  }

  sends(pid: Pid, marbles: string, values: Readonly<Record<string, OutgoingEnvelope>> = {}): void {
    const { nowMs } = this.#host
    this.#checkPid(pid)
    for (const mark of parseDrawing(marbles, this.#frameMs).marks) {
      if (mark.kind !== 'next')
        throw new DrawingError(`"${marbles}": the marbles of an outbox are letters only`)
      const envelope = values[mark.letter] ?? { pid: BROADCAST, msg: mark.letter }
      this.#host.at(nowMs + mark.frame * this.#frameMs, () => {
        this.#host.as(pid, (node) => node.outbox.next(envelope))
      })
    }
  }

  /** Returns the first violation, if any. */
  evaluate(): Violation | undefined {
    for (const { name, evaluate } of this.#expected) {
      const detail = evaluate()
      if (detail !== undefined) return { atMs: this.#host.nowMs, check: name, detail }
    }
    return undefined
  }

  #expect(query: LaneQuery): Expectation {
    this.#checkPid(query.pid)
    const fromMs = this.#host.nowMs
    const events: TraceEvent[] = []
    const subscription = this.#host.trace.subscribe((event) => {
      if (matches(event, query)) events.push(event)
    })
    return {
      toBe: (marbles, values = {}) => {
        const drawing = parseDrawing(marbles, this.#frameMs)
        for (const mark of drawing.marks) expectedMark(mark, values)
        const name = queryName(query)
        const evaluate = (): string | undefined => {
          subscription.unsubscribe()
          return this.#compare(query, drawing, values, events, fromMs)
        }
        this.#expected.push({ name, untilMs: fromMs + drawing.frames * this.#frameMs, evaluate })
      },
    }
  }

  /** An expectation of a node that does not exist would always hold. */
  #checkPid(pid: Pid): void {
    const { pids } = this.#host
    if (pids.includes(pid)) return
    throw invalidArgument('world', [unknownNode(pid, pids)])
  }

  #compare(
    { kind, pid }: LaneQuery,
    drawing: MarbleDrawing,
    values: Readonly<Record<string, unknown>>,
    events: readonly TraceEvent[],
    fromMs: number,
  ): string | undefined {
    const frame = ({ atMs }: TraceEvent): number => frameAt(atMs, fromMs, this.#frameMs)
    const all = laneMarks(kind, pid, events, frame, LANE_VALUES)
    const actual = all.filter((mark) => mark.frame < drawing.frames)
    const expected = drawing.marks.map((mark) => expectedMark(mark, values))
    if (isDeepStrictEqual(actual, expected)) return undefined
    return this.#renderDifference(drawing, actual, Object.entries(values))
  }

  /** Renders both drawings below each other, with the values of new letters. */
  #renderDifference(
    drawing: MarbleDrawing,
    actual: readonly LaneMark<unknown>[],
    values: readonly (readonly [string, unknown])[],
  ): string {
    const ownLetters = drawing.marks.flatMap((mark) => (mark.kind === 'next' ? [mark.letter] : []))
    const labelledValues = new Map<string, unknown>([
      ...ownLetters.map((one) => [one, one] as const),
      ...values,
    ])
    const labels = assignLabels([...labelledValues], [])
    const marks = actual.map((mark): MarbleMark => {
      if (mark.kind !== 'next') return mark
      return { frame: mark.frame, kind: 'next', letter: labels.of(mark.value) }
    })
    const lines = [
      '',
      `  expected ${renderDrawing(drawing, undefined, this.#frameMs)}`,
      `  actual   ${renderOrList({ marks, frames: drawing.frames }, this.#frameMs)}`,
      ...labels.assigned.map((definition) => `  ${renderDefinition(definition)}`),
    ]
    return `${lines.join('\n')}\n `
  }
}

/** Renders a drawing; one that is too dense becomes a list. */
function renderOrList(drawing: MarbleDrawing, frameMs: number): string {
  try {
    return renderDrawing(drawing, undefined, frameMs)
  } catch {
    const marks = drawing.marks.map((mark) => {
      const sign = mark.kind === 'next' ? mark.letter : '|'
      return `${sign} at ${mark.frame * frameMs} ms`
    })
    return marks.join(', ')
  }
}

function expectedMark(
  mark: MarbleMark,
  values: Readonly<Record<string, unknown>>,
): LaneMark<unknown> {
  const { frame } = mark
  if (mark.kind === 'complete') return { frame, kind: 'complete' }
  if (mark.kind !== 'next')
    throw new DrawingError('a lane of a cluster consists of letters, and | at its end')
  const { letter } = mark
  return { frame, kind: 'next', value: letter in values ? values[letter] : letter }
}

function matches(event: TraceEvent, { kind, pid, from }: LaneQuery): boolean {
  if (!('pid' in event) || event.pid !== pid) return false
  if (event.type === 'received') return kind === 'inbox' && (from ?? event.from) === event.from
  return true
}

function queryName({ kind, pid, from }: LaneQuery): string {
  const ofSender = from === undefined ? '' : `, ${from}`
  return `expect${kind.charAt(0).toUpperCase()}${kind.slice(1)}(${pid}${ofSender})`
}
