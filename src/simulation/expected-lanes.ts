/** Lanes that a test expects: what came out is kept, and looked at in the end. */
import type { Expectation, Expectations } from './expectations.ts'
import { type LaneKind, type LaneMark, frameOf, laneMarks } from '../marbles/trace-lanes.ts'
import { type Drawing, type Mark, parseDrawing, renderDrawing } from '../marbles/drawing.ts'
import { BROADCAST, type Pid } from '../model/pid.ts'
import type { OutgoingEnvelope } from '../model/envelope.ts'
import type { TraceEvent } from '../model/trace-event.ts'
import type { Violation, World } from './world.ts'
import { isDeepStrictEqual } from 'node:util'
import { lettersFor } from '../marbles/letters.ts'
import { renderDefinition } from '../marbles/render.ts'

/** The world, as far as expectations need it. */
type Stage = Pick<World, 'as' | 'at' | 'nowMs' | 'pids' | 'trace'>

interface Expected {
  readonly name: string
  readonly untilMs: number
  /** @returns what is wrong */
  look(): string | undefined
}

interface Asked {
  readonly kind: LaneKind
  readonly pid: Pid
  readonly from?: Pid | undefined
}

/** What each event is on a lane of an expectation. */
const VALUES = {
  inbox: ({ msg }: { readonly msg: unknown }): unknown => msg,
  output: ({ value }: { readonly value: unknown }): unknown => value,
  links: (changes: Readonly<Record<Pid, string>>): unknown => changes,
  dead: ({ to, reason, outcome }: Extract<TraceEvent, { readonly type: 'dead' }>): unknown => ({
    to,
    reason,
    outcome,
  }),
}

/** Everything that one test expects. */
export class ExpectedLanes implements Expectations {
  readonly #stage: Stage
  readonly #frameMs: number
  readonly #expected: Expected[] = []

  constructor(stage: Stage, frameMs: number) {
    this.#stage = stage
    this.#frameMs = frameMs
  }

  /** When the last of them can be looked at. */
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
    const { nowMs } = this.#stage
    this.#check(pid)
    for (const mark of parseDrawing(marbles, this.#frameMs).marks) {
      if (mark.kind !== 'next') throw new Error(`"${marbles}": an outbox takes letters only`)
      const envelope = values[mark.letter] ?? { pid: BROADCAST, msg: mark.letter }
      this.#stage.at(nowMs + mark.frame * this.#frameMs, () => {
        this.#stage.as(pid, (node) => node.outbox.next(envelope))
      })
    }
  }

  /** The first that is not as it should be. */
  look(): Violation | undefined {
    for (const { name, look } of this.#expected) {
      const detail = look()
      if (detail !== undefined) return { atMs: this.#stage.nowMs, check: name, detail }
    }
    return undefined
  }

  #expect(asked: Asked): Expectation {
    this.#check(asked.pid)
    const fromMs = this.#stage.nowMs
    const events: TraceEvent[] = []
    const listening = this.#stage.trace.subscribe((event) => {
      if (concerns(event, asked)) events.push(event)
    })
    return {
      toBe: (marbles, values = {}) => {
        const drawing = parseDrawing(marbles, this.#frameMs)
        const name = nameOf(asked)
        const look = (): string | undefined => {
          listening.unsubscribe()
          return this.#compare(asked, drawing, values, events, fromMs)
        }
        this.#expected.push({ name, untilMs: fromMs + drawing.frames * this.#frameMs, look })
      },
    }
  }

  /** A test of a node that is not there would hold whatever happens. */
  #check(pid: Pid): void {
    const { pids } = this.#stage
    if (pids.includes(pid)) return
    throw new Error(`there is no node ${pid}: there are ${pids.join(', ')}`)
  }

  #compare(
    { kind, pid }: Asked,
    drawing: Drawing,
    values: Readonly<Record<string, unknown>>,
    events: readonly TraceEvent[],
    fromMs: number,
  ): string | undefined {
    const frame = ({ atMs }: TraceEvent): number => frameOf(atMs, fromMs, this.#frameMs)
    const all = laneMarks(kind, pid, events, frame, VALUES)
    const came = all.filter((mark) => mark.frame < drawing.frames)
    const wanted = drawing.marks.map((mark) => wantedOf(mark, values))
    if (isDeepStrictEqual(came, wanted)) return undefined
    return this.#draw(drawing, came, Object.entries(values))
  }

  /** Both, one above the other, and what the letters stand for. */
  #draw(
    drawing: Drawing,
    came: readonly LaneMark<unknown>[],
    values: readonly (readonly [string, unknown])[],
  ): string {
    const own = drawing.marks.flatMap((mark) => (mark.kind === 'next' ? [mark.letter] : []))
    const known = new Map<string, unknown>([...own.map((one) => [one, one] as const), ...values])
    const letters = lettersFor([...known], [])
    const marks = came.map((mark): Mark => {
      if (mark.kind !== 'next') return mark
      return { frame: mark.frame, kind: 'next', letter: letters.of(mark.value) }
    })
    const lines = [
      '',
      `  expected ${renderDrawing(drawing, undefined, this.#frameMs)}`,
      `  came     ${drawn({ marks, frames: drawing.frames }, this.#frameMs)}`,
      ...letters.given.map((definition) => `  ${renderDefinition(definition)}`),
    ]
    return `${lines.join('\n')}\n `
  }
}

/** What came out may be too dense to be drawn: then it is a list. */
function drawn(drawing: Drawing, frameMs: number): string {
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

function wantedOf(mark: Mark, values: Readonly<Record<string, unknown>>): LaneMark<unknown> {
  const { frame } = mark
  if (mark.kind === 'complete') return { frame, kind: 'complete' }
  if (mark.kind !== 'next') throw new Error('a lane of a cluster has letters, and | at its end')
  const { letter } = mark
  return { frame, kind: 'next', value: letter in values ? values[letter] : letter }
}

function concerns(event: TraceEvent, { kind, pid, from }: Asked): boolean {
  if (!('pid' in event) || event.pid !== pid) return false
  if (event.type === 'received') return kind === 'inbox' && (from ?? event.from) === event.from
  return true
}

function nameOf({ kind, pid, from }: Asked): string {
  const ofSender = from === undefined ? '' : `, ${from}`
  return `expect${kind.charAt(0).toUpperCase()}${kind.slice(1)}(${pid}${ofSender})`
}
