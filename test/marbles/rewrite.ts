/** Rewriting: the same file, with what came out below each line. */
import { LONG_IDLE, shortestTime } from './drawing.ts'
import { parseStanzas } from './parse.ts'
import { columnFor, renderPart } from './render.ts'
import { runStanza } from './run.ts'
import { StanzaError } from './stanza.ts'
import type { PlacedStanza } from './stanza.ts'

/** What stands below the line of a stanza, and what came out when it ran. */
export interface Comparison {
  readonly placed: PlacedStanza
  readonly written: readonly string[]
  readonly drawn: readonly string[]
  /** The lines between the command and `----`, with their lanes aligned to those below. */
  readonly aligned: readonly string[]
}

/**
 * Runs one stanza.
 *
 * @param text the file that it stands in
 * @param placed the stanza and its place
 */
export function compare(text: string, placed: PlacedStanza): Comparison {
  const lines = text.split('\n').map((line) => line.trimEnd())
  const { line, command, rule, end, path } = placed.place
  const outcome = runStanza(placed)
  const lanes = placed.stanza.given.lanes.map((lane) => lane.name)
  const above = lines
    .slice(command, rule - 1)
    .map((one) => ({ text: one, lane: lanes.find((name) => isLane(one, name)) }))
  const drawings = above.flatMap(({ text: one, lane }) => (lane === undefined ? [] : [rest(one)]))
  const layout = {
    column: columnFor([...lanes, ...outcome.lanes.map((lane) => lane.name)]),
    longIdle: Math.min(LONG_IDLE, ...drawings.map(shortestTime)),
  }
  const aligned = above.map(({ text: one, lane }) =>
    lane === undefined ? one : `${lane.padEnd(layout.column)}${rest(one)}`.trimEnd(),
  )
  try {
    const drawn = renderPart(outcome, layout)
    return { placed, written: lines.slice(rule, end), drawn, aligned }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new StanzaError(path, line, problem)
  }
}

/**
 * Redraws what is below each line, and aligns the lanes above; all else stays, byte for byte.
 *
 * @param text the file
 * @param path what errors name
 */
export function rewriteFile(text: string, path: string): string {
  const lines = text.split('\n')
  for (const placed of parseStanzas(text, path).toReversed()) {
    const { drawn, aligned } = compare(text, placed)
    const { command, rule, end } = placed.place
    lines.splice(rule, end - rule, ...drawn)
    lines.splice(command, rule - 1 - command, ...aligned)
  }
  return lines.join('\n')
}

function isLane(line: string, name: string): boolean {
  return line === name || (line.startsWith(`${name} `) && !rest(line).startsWith('= '))
}

/** A line without its first word. */
function rest(line: string): string {
  return line.replace(/^\w+\s*/, '')
}
