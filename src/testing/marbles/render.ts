/** Writes marble tests as text, with aligned lanes, so that they can be parsed back. */
import { LONG_IDLE_FRAMES, renderDrawing } from './drawing.ts'
import { renderNotation } from './notation.ts'
import { tickMsOf } from './marble-test.ts'
import type { MarbleCall, MarbleDefinition, MarblePart, MarbleTest } from './marble-test.ts'

/** The layout of lanes in text. */
export interface Layout {
  /** The column where drawings begin. */
  readonly column: number
  /** At least this many idle frames are written as a time. */
  readonly longIdleFrames: number
  /** The duration of a frame in milliseconds. Default: 1. */
  readonly tickMs?: number
}

/** Writes a marble test, without a line break at its end. */
export function renderMarbleTest(test: MarbleTest): string {
  const lanes = [...test.given.lanes, ...test.expected.lanes]
  const column = columnFor(lanes.map((lane) => lane.name))
  const layout = { column, longIdleFrames: LONG_IDLE_FRAMES, tickMs: tickMsOf(test.call) }
  return [
    ...test.comments.map((comment) => `// ${comment}`),
    `# ${test.title}`,
    renderCall(test.call),
    ...renderPart(test.given, layout),
    '----',
    ...renderPart(test.expected, layout),
  ].join('\n')
}

/** Writes the lines above or below `----`: lanes, values and errors. */
export function renderPart(part: MarblePart, layout: Layout): readonly string[] {
  return [
    ...part.lanes.map((lane) => {
      const drawing = renderDrawing(lane.drawing, layout.longIdleFrames, layout.tickMs)
      return `${lane.name.padEnd(layout.column)}${drawing}`.trimEnd()
    }),
    ...part.definitions.map(renderDefinition),
    ...part.failures.map(({ lane, error }) => {
      return lane === undefined ? `# = ${error}` : `# in ${lane} = ${error}`
    }),
  ]
}

/** Writes the definition of a letter. */
export function renderDefinition({ letter, value }: MarbleDefinition): string {
  return `${letter} = ${renderNotation(value)}`
}

/** Writes a command line: arguments first, then options. */
export function renderCall(call: MarbleCall): string {
  const options = Object.entries(call.options).map(([key, value]) => `${key}=${value}`)
  return [call.name, ...call.args, ...options].join(' ')
}

/** Returns the column where drawings begin, given the names of the lanes. */
export function columnFor(names: readonly string[]): number {
  return Math.max(...names.map((name) => name.length), 0) + 1
}
