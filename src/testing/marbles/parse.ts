/**
 * Parses files of marble tests.
 *
 * The format is that of Cockroach's datadriven package, which etcd's Raft uses as well: a command
 * with arguments, input lines, `----`, and the expected output, which a rewrite replaces. Here both
 * parts are marble lanes.
 */
import { A_STRING, checkArgument } from '../../model/check-arguments.ts'
import { DrawingError, parseDrawing } from './drawing.ts'
import { parseNotation } from './notation.ts'
import { MarbleTestError, tickMsOf } from './marble-test.ts'
import type {
  MarbleCall,
  MarbleDefinition,
  MarbleFailure,
  MarbleLane,
  MarblePart,
  LocatedMarbleTest,
} from './marble-test.ts'

const SEPARATOR = '----'
const FAILURE = /^#(?: in ([A-Za-z]\w*))? = (.+)$/
const DEFINITION = /^(\S+) = (.+)$/
const LANE = /^([A-Za-z]\w*)(?:\s+(.*))?$/
const LETTER = /^[A-Za-z]$/

interface Line {
  readonly text: string
  readonly number: number
}

/**
 * Parses the marble tests of a file.
 *
 * @param text the content of the file
 * @param path the name of the file in errors
 * @throws MarbleTestError at the first invalid line; ClusterError `INVALID_ARGUMENT`
 */
export function parseMarbleTests(text: string, path: string): readonly LocatedMarbleTest[] {
  checkArgument('parseMarbleTests', 'text', text, A_STRING)
  checkArgument('parseMarbleTests', 'path', path, A_STRING)
  return blocksOf(text).flatMap((block) => {
    const content = block.filter((line) => !line.text.startsWith('//'))
    return content.length === 0 ? [] : [parseMarbleTest(block, path)]
  })
}

/** Returns the comments outside of marble tests, without their `//`. */
export function fileComments(text: string): readonly string[] {
  return blocksOf(text)
    .filter((block) => block.every((line) => line.text.startsWith('//')))
    .flatMap((block) => block.map((line) => line.text.slice(2).trim()))
}

function blocksOf(text: string): readonly (readonly Line[])[] {
  const blocks: Line[][] = []
  let block: Line[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = { text: raw.trimEnd(), number: index + 1 }
    const starts = line.text === '' || (isTitle(line.text) && block.some((l) => isTitle(l.text)))
    if (starts) {
      if (block.length > 0) blocks.push(block)
      block = []
    }
    if (line.text !== '') block.push(line)
  }
  return block.length > 0 ? [...blocks, block] : blocks
}

function isTitle(text: string): boolean {
  return text.startsWith('# ') && !FAILURE.test(text)
}

function parseMarbleTest(block: readonly Line[], path: string): LocatedMarbleTest {
  const first = block[0]?.number ?? 1
  const fail = (lineNumber: number, problem: string): never => {
    throw new MarbleTestError(path, lineNumber, problem)
  }
  const separatorIndex = block.findIndex((line) => line.text === SEPARATOR)
  const separator =
    block[separatorIndex] ??
    fail(first, `the marble test has no line "${SEPARATOR}": add it above the expected output`)
  const above = block.slice(0, separatorIndex).filter((line) => !line.text.startsWith('//'))
  const below = block.slice(separatorIndex + 1)
  const [title, callLine, ...given] = above
  if (title === undefined || !isTitle(title.text)) {
    return fail(first, 'a marble test begins with a title: "# title"')
  }
  if (callLine === undefined)
    return fail(title.number, 'the line after the title must be a command')
  const unexpected = below.find((line) => line.text === SEPARATOR || line.text.startsWith('//'))
  if (unexpected !== undefined)
    fail(unexpected.number, `only lanes, values and errors may follow "${SEPARATOR}"`)
  const call = parseCall(callLine, path)
  const tickMs = tickFor(call, callLine, path)
  const parts = {
    given: parsePart(given, path, tickMs),
    expected: parsePart(below, path, tickMs),
  }
  const letters = new Set(parts.given.definitions.map((definition) => definition.letter))
  for (const [index, definition] of parts.expected.definitions.entries()) {
    if (letters.has(definition.letter)) {
      const line = below.filter((l) => DEFINITION.test(l.text) && !FAILURE.test(l.text))[index]
      fail(
        line?.number ?? separator.number,
        `"${definition.letter}" is already defined above the line`,
      )
    }
  }
  return {
    test: {
      title: title.text.slice(2),
      comments: block
        .filter((line) => line.text.startsWith('//'))
        .map((line) => line.text.slice(2).trim()),
      call,
      ...parts,
    },
    range: {
      path,
      firstLine: first,
      callLine: callLine.number,
      separatorLine: separator.number,
      lastLine: block.at(-1)?.number ?? first,
    },
  }
}

function parseCall(line: Line, path: string): MarbleCall {
  const [name = '', ...rest] = line.text.split(/\s+/)
  if (!/^[a-z][A-Za-z]*$/.test(name)) {
    throw new MarbleTestError(
      path,
      line.number,
      `"${line.text}" is not a command: begin with its name`,
    )
  }
  const pairs = rest.filter((word) => word.includes('='))
  const keys = pairs.map((pair) => pair.slice(0, pair.indexOf('=')))
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined)
    throw new MarbleTestError(path, line.number, `the option "${twice}=" stands twice: remove one`)
  return {
    name,
    args: rest.filter((word) => !word.includes('=')),
    options: Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    ),
  }
}

function tickFor(call: MarbleCall, { number: lineNumber }: Line, path: string): number {
  try {
    return tickMsOf(call)
  } catch (error) {
    throw new MarbleTestError(
      path,
      lineNumber,
      error instanceof Error ? error.message : String(error),
    )
  }
}

function parsePart(lines: readonly Line[], path: string, tickMs: number): MarblePart {
  const lanes: MarbleLane[] = []
  const definitions: MarbleDefinition[] = []
  const failures: MarbleFailure[] = []
  for (const line of lines) {
    const failure = FAILURE.exec(line.text)
    const definition = failure === null ? DEFINITION.exec(line.text) : null
    if (failure !== null) {
      const lane = failure[1]
      failures.push({ ...(lane === undefined ? {} : { lane }), error: failure[2] ?? '' })
    } else if (definition !== null) {
      definitions.push(parseDefinition(definition, line, path, definitions))
    } else {
      lanes.push(parseLane(line, path, lanes, tickMs))
    }
  }
  return { lanes, definitions, failures }
}

function parseDefinition(
  [, letter = '', text = '']: RegExpExecArray,
  line: Line,
  path: string,
  previous: readonly MarbleDefinition[],
): MarbleDefinition {
  if (!LETTER.test(letter)) {
    throw new MarbleTestError(
      path,
      line.number,
      `"${letter}" is not a single letter from a to z or A to Z`,
    )
  }
  if (previous.some((other) => other.letter === letter)) {
    throw new MarbleTestError(path, line.number, `"${letter}" is defined twice: remove one`)
  }
  return { letter, value: parseNotation(text) }
}

function parseLane(
  line: Line,
  path: string,
  previous: readonly MarbleLane[],
  tickMs: number,
): MarbleLane {
  const [, name, text = ''] = LANE.exec(line.text) ?? []
  if (name === undefined) {
    const forms = 'a lane ("name --a--|"), a value ("a = 2: JSON"), or an error ("# = CODE")'
    throw new MarbleTestError(path, line.number, `cannot parse "${line.text}": write ${forms}`)
  }
  if (previous.some((lane) => lane.name === name)) {
    throw new MarbleTestError(path, line.number, `there are two lanes "${name}": rename one`)
  }
  try {
    return { name, drawing: parseDrawing(text, tickMs) }
  } catch (error) {
    if (!(error instanceof DrawingError)) throw error
    throw new MarbleTestError(path, line.number, `in the lane "${name}": ${error.message}`)
  }
}
