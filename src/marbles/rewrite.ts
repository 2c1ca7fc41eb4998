/** Running a file of stanzas: what it says beside what came out, and the same file rewritten. */
import { sideBySide } from './diff.ts'
import { LONG_IDLE, shortestTime } from './drawing.ts'
import { parseStanzas } from './parse.ts'
import { columnFor, renderPart } from './render.ts'
import { runStanza } from './run.ts'
import { StanzaError, tickMsOf } from './stanza.ts'
import type { PlacedStanza } from './stanza.ts'
import type { StanzaRunner, Verb } from './verb.ts'

/** What stands below the line of a stanza, and what came out when it ran. */
export interface Comparison {
  readonly placed: PlacedStanza
  readonly written: readonly string[]
  readonly drawn: readonly string[]
  /** Both in two columns, where they differ. */
  readonly difference?: string
  /** The lines between the command and `----`, with their lanes aligned to those below. */
  readonly aligned: readonly string[]
}

/**
 * Runs one stanza.
 *
 * @param text the file that it stands in
 * @param placed the stanza and its place
 * @param verbs the commands that there are
 * @throws StanzaError where it cannot be run or drawn
 */
export function compare(
  text: string,
  placed: PlacedStanza,
  verbs: readonly (Verb | StanzaRunner)[],
): Comparison {
  const lines = text.split('\n').map((line) => line.trimEnd())
  const { line, command, rule, end, path } = placed.place
  const outcome = runStanza(placed, verbs)
  const lanes = placed.stanza.given.lanes.map((lane) => lane.name)
  const above = lines
    .slice(command, rule - 1)
    .map((one) => ({ text: one, lane: lanes.find((name) => isLane(one, name)) }))
  const drawings = above.flatMap(({ text: one, lane }) => (lane === undefined ? [] : [rest(one)]))
  const tickMs = tickMsOf(placed.stanza.command)
  const layout = {
    column: columnFor([...lanes, ...outcome.lanes.map((lane) => lane.name)]),
    longIdle: Math.min(LONG_IDLE, ...drawings.map((one) => shortestTime(one) / tickMs)),
    tickMs,
  }
  const aligned = above.map(({ text: one, lane }) =>
    lane === undefined ? one : `${lane.padEnd(layout.column)}${rest(one)}`.trimEnd(),
  )
  try {
    const drawn = renderPart(outcome, layout)
    const written = lines.slice(rule, end)
    const same = written.join('\n') === drawn.join('\n')
    const difference = same ? {} : { difference: sideBySide(written, drawn) }
    return { placed, written, drawn, aligned, ...difference }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new StanzaError(path, line, problem)
  }
}

/**
 * Runs every stanza of a file.
 *
 * @param text the file
 * @param path what errors name
 * @param verbs the commands that there are
 * @returns what each stanza says and what came out; those that hold have no `difference`
 * @throws StanzaError where a stanza cannot be read or run
 */
export function runStanzas(
  text: string,
  path: string,
  verbs: readonly (Verb | StanzaRunner)[],
): readonly Comparison[] {
  return parseStanzas(text, path).map((placed) => compare(text, placed, verbs))
}

/**
 * Redraws what is below each line, and aligns the lanes above; all else stays, byte for byte.
 *
 * @param text the file
 * @param path what errors name
 * @param verbs the commands that there are
 * @throws StanzaError where a stanza cannot be read or run
 */
export function rewriteFile(
  text: string,
  path: string,
  verbs: readonly (Verb | StanzaRunner)[],
): string {
  const lines = text.split('\n')
  for (const placed of parseStanzas(text, path).toReversed()) {
    const { drawn, aligned } = compare(text, placed, verbs)
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
