/** Writes stanzas, aligned, so that parsing what is written gives the same stanza back. */
import { LONG_IDLE, renderDrawing } from './drawing.ts'
import { renderNotation } from './notation.ts'
import { tickMsOf } from './stanza.ts'
import type { Command, Definition, Part, Stanza } from './stanza.ts'

/** How a part is laid out. */
export interface Layout {
  /** Where drawings begin: so many characters from the left. */
  readonly column: number
  /** From so many idle frames on, a drawing writes the time in milliseconds. */
  readonly longIdle: number
  /** How many milliseconds a frame is. Default: 1. */
  readonly tickMs?: number
}

/** Writes a whole stanza, without a line break at its end. */
export function renderStanza(stanza: Stanza): string {
  const lanes = [...stanza.given.lanes, ...stanza.expected.lanes]
  const column = columnFor(lanes.map((lane) => lane.name))
  const layout = { column, longIdle: LONG_IDLE, tickMs: tickMsOf(stanza.command) }
  return [
    ...stanza.remarks.map((remark) => `// ${remark}`),
    `# ${stanza.title}`,
    renderCommand(stanza.command),
    ...renderPart(stanza.given, layout),
    '----',
    ...renderPart(stanza.expected, layout),
  ].join('\n')
}

/** Writes the lines above or below `----`: lanes, then values, then errors. */
export function renderPart(part: Part, layout: Layout): readonly string[] {
  return [
    ...part.lanes.map((lane) => {
      const drawing = renderDrawing(lane.drawing, layout.longIdle, layout.tickMs)
      return `${lane.name.padEnd(layout.column)}${drawing}`.trimEnd()
    }),
    ...part.definitions.map(renderDefinition),
    ...part.failures.map(({ lane, error }) => {
      return lane === undefined ? `# = ${error}` : `# in ${lane} = ${error}`
    }),
  ]
}

/** Writes what a letter stands for. */
export function renderDefinition({ letter, value }: Definition): string {
  return `${letter} = ${renderNotation(value)}`
}

/** Writes a command with its words, then its options. */
export function renderCommand(command: Command): string {
  const options = Object.entries(command.options).map(([key, value]) => `${key}=${value}`)
  return [command.name, ...command.words, ...options].join(' ')
}

/** Where drawings begin beside lanes of these names. */
export function columnFor(names: readonly string[]): number {
  return Math.max(...names.map((name) => name.length), 0) + 1
}
