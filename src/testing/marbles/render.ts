/** Writes stanzas, aligned, so that parsing what is written gives the same stanza back. */
import { LONG_IDLE_FRAMES, renderDrawing } from './drawing.ts'
import { renderNotation } from './notation.ts'
import { tickMsOf } from './marble-test.ts'
import type { MarbleCall, MarbleDefinition, MarblePart, MarbleTest } from './marble-test.ts'

/** How a part is laid out. */
export interface Layout {
  /** Where drawings begin: so many characters from the left. */
  readonly column: number
  /** From so many idle frames on, a drawing writes the time in milliseconds. */
  readonly longIdleFrames: number
  /** How many milliseconds a frame is. Default: 1. */
  readonly tickMs?: number
}

/** Writes a whole stanza, without a line break at its end. */
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

/** Writes the lines above or below `----`: lanes, then values, then errors. */
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

/** Writes what a letter stands for. */
export function renderDefinition({ letter, value }: MarbleDefinition): string {
  return `${letter} = ${renderNotation(value)}`
}

/** Writes a command with its words, then its options. */
export function renderCall(call: MarbleCall): string {
  const options = Object.entries(call.options).map(([key, value]) => `${key}=${value}`)
  return [call.name, ...call.args, ...options].join(' ')
}

/** Where drawings begin beside lanes of these names. */
export function columnFor(names: readonly string[]): number {
  return Math.max(...names.map((name) => name.length), 0) + 1
}
