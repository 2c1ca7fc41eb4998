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
import type { MarbleDefinition } from '../../marbles/marble-test.ts'
import { SimulationError } from './simulation-error.ts'
import type { World } from '../world.ts'
import { notationOf } from '../../marbles/values.ts'
import { isDeepStrictEqual } from 'node:util'
import {
  AN_OBJECT,
  type Rule,
  checkArgument,
  invalidArgument,
} from '../../../model/check-arguments.ts'
import { unknownNode } from '../faults/check-fault.ts'
import { assignLabels } from '../../marbles/labels.ts'
import { renderDefinition } from '../../marbles/render.ts'

/** The part of a world that expectations need. */
type ExpectationHost = Pick<World, 'as' | 'at' | 'nowMs' | 'pids' | 'seed' | 'trace'>

interface PendingExpectation {
  readonly name: string
  readonly untilMs: number
  /** Its stack begins where `toBe` was called. */
  readonly callSite: { readonly stack: string }
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
  /** The names of expectations without marbles, which would always hold. */
  readonly #unset = new Map<Expectation, string>()

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

  /**
   * @throws SimulationError for the first violation, if any; its stack is that of its `toBe`;
   *   ClusterError `INVALID_ARGUMENT` for an expectation without `toBe`
   */
  evaluate(): void {
    for (const name of this.#unset.values()) {
      throw invalidArgument(name, ['expects nothing yet: call toBe(marbles) on it, or remove it'])
    }
    for (const { name, callSite, evaluate } of this.#expected) {
      const detail = evaluate()
      if (detail === undefined) continue
      const { nowMs: atMs, seed } = this.#host
      const error = new SimulationError({ atMs, check: name, detail }, seed)
      const frames = callSite.stack.split('\n').slice(1).join('\n')
      error.stack = `${String(error)}\n${frames}`
      throw error
    }
  }

  #expect(query: LaneQuery): Expectation {
    this.#checkPid(query.pid)
    if (query.from !== undefined) this.#checkPid(query.from)
    const fromMs = this.#host.nowMs
    const events: TraceEvent[] = []
    const subscription = this.#host.trace.subscribe((event) => {
      if (matches(event, query)) events.push(event)
    })
    const expectation: Expectation = {
      toBe: (marbles, values = {}) => {
        const name = queryName(query)
        checkArgument(`${name}.toBe`, 'marbles', marbles, MARBLES)
        checkArgument(`${name}.toBe`, 'values', values, AN_OBJECT)
        const drawing = parseDrawing(marbles, this.#frameMs)
        for (const mark of drawing.marks) expectedMark(mark, values)
        this.#unset.delete(expectation)
        const callSite = { stack: '' }
        Error.captureStackTrace(callSite, expectation.toBe)
        const evaluate = (): string | undefined => {
          subscription.unsubscribe()
          return this.#compare(query, drawing, values, events, fromMs)
        }
        const untilMs = fromMs + drawing.frames * this.#frameMs
        this.#expected.push({ name, untilMs, callSite, evaluate })
      },
    }
    this.#unset.set(expectation, queryName(query))
    return expectation
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
    const expected = renderDrawing(drawing, undefined, this.#frameMs)
    const received = renderOrList({ marks, frames: drawing.frames }, this.#frameMs)
    const lines = [
      `expected ${expected}`,
      `actual   ${received}`,
      ...definitionLines(drawing.marks, marks, new Map(values), labels.assigned),
      ...(expected === received ? [SAME_TEXT] : []),
    ]
    return ['', ...lines.map((line) => `  ${line}`), ' '].join('\n')
  }
}

/** Marbles that take no time would expect nothing. */
const MARBLES: Rule = {
  expected: "marbles, such as '--a', or ' 100ms ' for nothing within that time",
  accepts: (value) => typeof value === 'string' && value.trim() !== '',
}

const SAME_TEXT =
  'the values are written alike, but differ: in a type, or in a key that is undefined'

/** Returns a line for the value of each letter, and says in which drawing it is. */
function definitionLines(
  expected: readonly MarbleMark[],
  actual: readonly MarbleMark[],
  values: ReadonlyMap<string, unknown>,
  assigned: readonly MarbleDefinition[],
): readonly string[] {
  const actualLetters = new Set(lettersOf(actual))
  const expectedLines = [...new Set(lettersOf(expected))].flatMap((letter) => {
    const only = actualLetters.has(letter) ? '' : ' (expected only)'
    const value = notationOf(values.has(letter) ? values.get(letter) : letter)
    const definition = renderDefinition({ letter, value })
    if (values.has(letter)) return [`${definition}${only}`]
    if (only === '') return []
    return [`${definition}${only}; it is not defined in the values, so it stands for itself`]
  })
  const used = new Set(lettersOf(expected))
  const others = [...actualLetters].flatMap((letter) => {
    if (used.has(letter)) return []
    const found = assigned.find((definition) => definition.letter === letter)
    const definition = found ?? { letter, value: notationOf(values.get(letter)) }
    return [`${renderDefinition(definition)} (actual only)`]
  })
  return [...expectedLines, ...others]
}

function lettersOf(marks: readonly MarbleMark[]): readonly string[] {
  return marks.flatMap((mark) => (mark.kind === 'next' ? [mark.letter] : []))
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
