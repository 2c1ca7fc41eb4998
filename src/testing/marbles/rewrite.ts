/** Runs files of marble tests: compares expected with actual output, or rewrites the file. */
import { sideBySide } from './diff.ts'
import { LONG_IDLE_FRAMES, shortestTime } from './drawing.ts'
import { parseMarbleTests } from './parse.ts'
import { columnFor, renderPart } from './render.ts'
import { runMarbleTest } from './run.ts'
import { A_MARBLE_TEST, MarbleTestError, tickMsOf } from './marble-test.ts'
import { A_STRING, type Rule, checkArgument } from '../../model/check-arguments.ts'
import { isRecord } from '../../config/strict-object.ts'
import type { LocatedMarbleTest } from './marble-test.ts'
import type { MarbleRunner, MarbleCommand } from './command.ts'

const COMMANDS: Rule = {
  expected: 'an array of marble commands',
  accepts: (value) => Array.isArray(value) && value.every(isRecord),
}
const A_LOCATED_TEST: Rule = {
  expected: 'an element of what parseMarbleTests returns',
  accepts: (value) => {
    if (!isRecord(value)) return false
    const { test, range } = value
    return A_MARBLE_TEST.accepts(test) && isRecord(range)
  },
}

/** The expected and the actual output of a marble test. */
export interface MarbleComparison {
  readonly located: LocatedMarbleTest
  readonly expected: readonly string[]
  readonly actual: readonly string[]
  /** Both in two columns; undefined if they are equal. */
  readonly difference?: string | undefined
  /** The lines between the command and `----`, aligned with the lanes below. */
  readonly aligned: readonly string[]
}

/**
 * Runs one marble test, and compares the output with its file.
 *
 * @param text the content of the file
 * @param located the marble test and its position
 * @param commands the known commands
 * @throws MarbleTestError if it cannot be run or drawn; ClusterError `INVALID_ARGUMENT`
 */
export function compareMarbleTest(
  text: string,
  located: LocatedMarbleTest,
  commands: readonly (MarbleCommand | MarbleRunner)[],
): MarbleComparison {
  checkArgument('compareMarbleTest', 'text', text, A_STRING)
  checkArgument('compareMarbleTest', 'located', located, A_LOCATED_TEST)
  checkArgument('compareMarbleTest', 'commands', commands, COMMANDS)
  const lines = text.split('\n').map((line) => line.trimEnd())
  const { firstLine, callLine, separatorLine, lastLine, path } = located.range
  const output = runMarbleTest(located, commands)
  const lanes = located.test.given.lanes.map((lane) => lane.name)
  const above = lines
    .slice(callLine, separatorLine - 1)
    .map((line) => ({ line, lane: lanes.find((name) => isLane(line, name)) }))
  const drawings = above.flatMap(({ line, lane }) =>
    lane === undefined ? [] : [withoutFirstWord(line)],
  )
  const tickMs = tickMsOf(located.test.call)
  const layout = {
    column: columnFor([...lanes, ...output.lanes.map((lane) => lane.name)]),
    longIdleFrames: Math.min(
      LONG_IDLE_FRAMES,
      ...drawings.map((drawing) => shortestTime(drawing) / tickMs),
    ),
    tickMs,
  }
  const aligned = above.map(({ line, lane }) =>
    lane === undefined ? line : `${lane.padEnd(layout.column)}${withoutFirstWord(line)}`.trimEnd(),
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
 * Runs every marble test of a file.
 *
 * @param text the content of the file
 * @param path the name of the file in errors
 * @param commands the known commands
 * @returns a comparison for each test; a passing one has no `difference`
 * @throws MarbleTestError if a test cannot be parsed or run; ClusterError `INVALID_ARGUMENT`
 */
export function runMarbleTests(
  text: string,
  path: string,
  commands: readonly (MarbleCommand | MarbleRunner)[],
): readonly MarbleComparison[] {
  checkFile('runMarbleTests', text, path, commands)
  return parseMarbleTests(text, path).map((located) => compareMarbleTest(text, located, commands))
}

/**
 * Replaces the output below each `----`, and aligns the lanes above. All other text is kept.
 *
 * @param text the content of the file
 * @param path the name of the file in errors
 * @param commands the known commands
 * @returns the new content of the file
 * @throws MarbleTestError if a test cannot be parsed or run; ClusterError `INVALID_ARGUMENT`
 */
export function rewriteMarbleTests(
  text: string,
  path: string,
  commands: readonly (MarbleCommand | MarbleRunner)[],
): string {
  checkFile('rewriteMarbleTests', text, path, commands)
  const lines = text.split('\n')
  for (const located of parseMarbleTests(text, path).toReversed()) {
    const { actual, aligned } = compareMarbleTest(text, located, commands)
    const { callLine, separatorLine, lastLine } = located.range
    lines.splice(separatorLine, lastLine - separatorLine, ...actual)
    lines.splice(callLine, separatorLine - 1 - callLine, ...aligned)
  }
  return lines.join('\n')
}

function checkFile(call: string, text: string, path: string, commands: readonly unknown[]): void {
  checkArgument(call, 'text', text, A_STRING)
  checkArgument(call, 'path', path, A_STRING)
  checkArgument(call, 'commands', commands, COMMANDS)
}

function isLane(line: string, name: string): boolean {
  return line === name || (line.startsWith(`${name} `) && !withoutFirstWord(line).startsWith('= '))
}

function withoutFirstWord(line: string): string {
  return line.replace(/^\w+\s*/, '')
}
