/** Running a file of stanzas: what it says beside what came out, and the same file rewritten. */
import { sideBySide } from './diff.ts'
import { LONG_IDLE_FRAMES, shortestTime } from './drawing.ts'
import { parseMarbleTests } from './parse.ts'
import { columnFor, renderPart } from './render.ts'
import { runMarbleTest } from './run.ts'
import { MarbleTestError, tickMsOf } from './marble-test.ts'
import type { LocatedMarbleTest } from './marble-test.ts'
import type { MarbleRunner, MarbleCommand } from './command.ts'

/** What stands below the line of a stanza, and what came out when it ran. */
export interface MarbleComparison {
  readonly located: LocatedMarbleTest
  readonly expected: readonly string[]
  readonly actual: readonly string[]
  /** Both in two columns, where they differ. */
  readonly difference?: string
  /** The lines between the command and `----`, with their lanes aligned to those below. */
  readonly aligned: readonly string[]
}

/**
 * Runs one stanza.
 *
 * @param text the file that it stands in
 * @param located the stanza and its place
 * @param commands the commands that there are
 * @throws StanzaError where it cannot be run or drawn
 */
export function compareMarbleTest(
  text: string,
  located: LocatedMarbleTest,
  commands: readonly (MarbleCommand | MarbleRunner)[],
): MarbleComparison {
  const lines = text.split('\n').map((firstLine) => firstLine.trimEnd())
  const { firstLine, callLine, separatorLine, lastLine, path } = located.range
  const output = runMarbleTest(located, commands)
  const lanes = located.test.given.lanes.map((lane) => lane.name)
  const above = lines
    .slice(callLine, separatorLine - 1)
    .map((one) => ({ text: one, lane: lanes.find((name) => isLane(one, name)) }))
  const drawings = above.flatMap(({ text: one, lane }) =>
    lane === undefined ? [] : [withoutFirstWord(one)],
  )
  const tickMs = tickMsOf(located.test.call)
  const layout = {
    column: columnFor([...lanes, ...output.lanes.map((lane) => lane.name)]),
    longIdleFrames: Math.min(
      LONG_IDLE_FRAMES,
      ...drawings.map((one) => shortestTime(one) / tickMs),
    ),
    tickMs,
  }
  const aligned = above.map(({ text: one, lane }) =>
    lane === undefined ? one : `${lane.padEnd(layout.column)}${withoutFirstWord(one)}`.trimEnd(),
  )
  try {
    const actual = renderPart(output, layout)
    const expected = lines.slice(separatorLine, lastLine)
    const same = expected.join('\n') === actual.join('\n')
    const difference = same ? {} : { difference: sideBySide(expected, actual) }
    return { located, expected, actual, aligned, ...difference }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new MarbleTestError(path, firstLine, problem)
  }
}

/**
 * Runs every stanza of a file.
 *
 * @param text the file
 * @param path what errors name
 * @param commands the commands that there are
 * @returns what each stanza says and what came out; those that hold have no `difference`
 * @throws StanzaError where a stanza cannot be read or run
 */
export function runMarbleTests(
  text: string,
  path: string,
  commands: readonly (MarbleCommand | MarbleRunner)[],
): readonly MarbleComparison[] {
  return parseMarbleTests(text, path).map((located) => compareMarbleTest(text, located, commands))
}

/**
 * Redraws what is below each line, and aligns the lanes above; all else stays, byte for byte.
 *
 * @param text the file
 * @param path what errors name
 * @param commands the commands that there are
 * @throws StanzaError where a stanza cannot be read or run
 */
export function rewriteMarbleTests(
  text: string,
  path: string,
  commands: readonly (MarbleCommand | MarbleRunner)[],
): string {
  const lines = text.split('\n')
  for (const located of parseMarbleTests(text, path).toReversed()) {
    const { actual, aligned } = compareMarbleTest(text, located, commands)
    const { callLine, separatorLine, lastLine } = located.range
    lines.splice(separatorLine, lastLine - separatorLine, ...actual)
    lines.splice(callLine, separatorLine - 1 - callLine, ...aligned)
  }
  return lines.join('\n')
}

function isLane(line: string, name: string): boolean {
  return line === name || (line.startsWith(`${name} `) && !withoutFirstWord(line).startsWith('= '))
}

/** A line without its first word. */
function withoutFirstWord(line: string): string {
  return line.replace(/^\w+\s*/, '')
}
