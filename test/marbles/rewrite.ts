/** Rewriting: the same file, with what came out below each line. */
import { LONG_IDLE, shortestTime } from './drawing.ts'
import { parseStanzas } from './parse.ts'
import { columnFor, renderPart } from './render.ts'
import type { Layout } from './render.ts'
import { runStanza } from './run.ts'
import { StanzaError } from './stanza.ts'
import type { PlacedStanza } from './stanza.ts'

/** What stands below the line of a stanza, and what came out when it ran. */
export interface Comparison {
  readonly placed: PlacedStanza
  readonly written: readonly string[]
  readonly drawn: readonly string[]
}

/**
 * Runs every stanza of a file.
 *
 * @param text the file
 * @param path what errors name
 */
export function compareFile(text: string, path: string): readonly Comparison[] {
  return parseStanzas(text, path).map((placed) => compare(text, placed))
}

/**
 * Runs one stanza.
 *
 * @param text the file that it stands in
 * @param placed the stanza and its place
 */
export function compare(text: string, placed: PlacedStanza): Comparison {
  const lines = text.split('\n').map((line) => line.trimEnd())
  const { line, rule, end, path } = placed.place
  const outcome = runStanza(placed)
  const names = outcome.lanes.map((lane) => lane.name)
  const layout = layoutOf(lines.slice(line - 1, rule - 1), placed, names)
  const written = lines.slice(rule, end)
  try {
    return { placed, written, drawn: renderPart(outcome, layout) }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new StanzaError(path, line, problem)
  }
}

/** Redraws what is below each line; everything else stays as it is, byte for byte. */
export function rewriteFile(text: string, path: string): string {
  const lines = text.split('\n')
  for (const { placed, drawn } of compareFile(text, path).toReversed()) {
    const { rule, end } = placed.place
    lines.splice(rule, end - rule, ...drawn)
  }
  return lines.join('\n')
}

/** Lanes below the line begin where those above begin, where their names leave room. */
function layoutOf(
  above: readonly string[],
  { stanza }: PlacedStanza,
  names: readonly string[],
): Layout {
  const lanes = above.filter((line) =>
    stanza.given.lanes.some((lane) => new RegExp(`^${lane.name}\\s`).test(line)),
  )
  const [first = ''] = lanes
  const column = first.length - first.replace(/^\w+\s+/, '').length
  const shortest = Math.min(...lanes.map((line) => shortestTime(line.replace(/^\w+\s+/, ''))))
  return {
    column: Math.max(column, columnFor(names)),
    longIdle: Math.min(LONG_IDLE, shortest),
  }
}
