/** Reads stanzas from text; what is wrong is thrown with its file and line. */
import { DrawingError, parseDrawing } from './drawing.ts'
import { parseNotation } from './notation.ts'
import { StanzaError, tickMsOf } from './stanza.ts'
import type { Command, Definition, Failure, Lane, Part, PlacedStanza } from './stanza.ts'

const RULE = '----'
const FAILURE = /^#(?: in ([A-Za-z]\w*))? = (.+)$/
const DEFINITION = /^(\S+) = (.+)$/
const LANE = /^([A-Za-z]\w*)(?:\s+(.*))?$/
const LETTER = /^[A-Za-z]$/

interface Line {
  readonly text: string
  readonly number: number
}

/**
 * Reads the stanzas of a file.
 *
 * @param text the file
 * @param path what errors name
 */
export function parseStanzas(text: string, path: string): readonly PlacedStanza[] {
  return blocksOf(text).flatMap((block) => {
    const said = block.filter((line) => !line.text.startsWith('//'))
    return said.length === 0 ? [] : [parseStanza(block, path)]
  })
}

/** The remarks of a file that stand outside its stanzas, without their `//`. */
export function fileRemarks(text: string): readonly string[] {
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

function parseStanza(block: readonly Line[], path: string): PlacedStanza {
  const first = block[0]?.number ?? 1
  const fail = (line: number, problem: string): never => {
    throw new StanzaError(path, line, problem)
  }
  const ruleAt = block.findIndex((line) => line.text === RULE)
  const rule = block[ruleAt] ?? fail(first, `the stanza has no line "${RULE}"`)
  const above = block.slice(0, ruleAt).filter((line) => !line.text.startsWith('//'))
  const below = block.slice(ruleAt + 1)
  const [title, command, ...given] = above
  if (title === undefined || !isTitle(title.text)) {
    return fail(first, 'a stanza begins with its title: "# what is shown"')
  }
  if (command === undefined) return fail(title.number, 'a command follows the title')
  const stray = below.find((line) => line.text === RULE || line.text.startsWith('//'))
  if (stray !== undefined) fail(stray.number, `below "${RULE}" stand lanes and values only`)
  const said = parseCommand(command, path)
  const tickMs = tickFor(said, command, path)
  const parts = {
    given: parsePart(given, path, tickMs),
    expected: parsePart(below, path, tickMs),
  }
  const letters = new Set(parts.given.definitions.map((definition) => definition.letter))
  for (const [index, definition] of parts.expected.definitions.entries()) {
    if (letters.has(definition.letter)) {
      const line = below.filter((l) => DEFINITION.test(l.text) && !FAILURE.test(l.text))[index]
      fail(line?.number ?? rule.number, `"${definition.letter}" is defined above already`)
    }
  }
  return {
    stanza: {
      title: title.text.slice(2),
      remarks: block
        .filter((line) => line.text.startsWith('//'))
        .map((line) => line.text.slice(2).trim()),
      command: said,
      ...parts,
    },
    place: {
      path,
      line: first,
      command: command.number,
      rule: rule.number,
      end: block.at(-1)?.number ?? first,
    },
  }
}

function parseCommand(line: Line, path: string): Command {
  const [name = '', ...rest] = line.text.split(/\s+/)
  if (!/^[a-z][A-Za-z]*$/.test(name)) {
    throw new StanzaError(path, line.number, `"${line.text}" is no command: it begins with a name`)
  }
  const pairs = rest.filter((word) => word.includes('='))
  return {
    name,
    words: rest.filter((word) => !word.includes('=')),
    options: Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    ),
  }
}

function tickFor(command: Command, { number }: Line, path: string): number {
  try {
    return tickMsOf(command)
  } catch (error) {
    throw new StanzaError(path, number, error instanceof Error ? error.message : String(error))
  }
}

function parsePart(lines: readonly Line[], path: string, tickMs: number): Part {
  const lanes: Lane[] = []
  const definitions: Definition[] = []
  const failures: Failure[] = []
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
  before: readonly Definition[],
): Definition {
  if (!LETTER.test(letter)) {
    throw new StanzaError(path, line.number, `"${letter}" is not one letter from a to z or A to Z`)
  }
  if (before.some((other) => other.letter === letter)) {
    throw new StanzaError(path, line.number, `"${letter}" is defined twice`)
  }
  return { letter, value: parseNotation(text) }
}

function parseLane(line: Line, path: string, before: readonly Lane[], tickMs: number): Lane {
  const [, name, text = ''] = LANE.exec(line.text) ?? []
  if (name === undefined) {
    const forms = 'a lane ("name --a--|"), a value ("a = 2: JSON") or an error ("# = CODE")'
    throw new StanzaError(path, line.number, `"${line.text}" is neither ${forms}`)
  }
  if (before.some((lane) => lane.name === name)) {
    throw new StanzaError(path, line.number, `the lane "${name}" is drawn twice`)
  }
  try {
    return { name, drawing: parseDrawing(text, tickMs) }
  } catch (error) {
    if (!(error instanceof DrawingError)) throw error
    throw new StanzaError(path, line.number, `in the lane "${name}": ${error.message}`)
  }
}
