/** The data model of a stanza: what is parsed, run, and drawn as text or as a picture. */
import type { MarbleDrawing } from './drawing.ts'
import type { MarbleNotation } from './notation.ts'

/** One lane: a name and what is drawn on it. */
export interface MarbleLane {
  readonly name: string
  readonly drawing: MarbleDrawing
}

/** `letter = value`. */
export interface MarbleDefinition {
  readonly letter: string
  readonly value: MarbleNotation
}

/** `# = CODE`: what a `#` stands for, in one lane or in all that are not named. */
export interface MarbleFailure {
  readonly lane?: string
  readonly error: string
}

/** A command and what stands behind it: `bounded 2 concurrency=1`. */
export interface MarbleCall {
  readonly name: string
  /** The words without a name, in order. */
  readonly args: readonly string[]
  /** The words of the form `key=value`. */
  readonly options: Readonly<Record<string, string>>
}

/** Half a stanza: lanes, and what their marks stand for. */
export interface MarblePart {
  readonly lanes: readonly MarbleLane[]
  readonly definitions: readonly MarbleDefinition[]
  readonly failures: readonly MarbleFailure[]
}

/** One stanza: a sentence, a command, what goes in, and what is expected to come out. */
export interface MarbleTest {
  readonly title: string
  /** The lines that begin with `//`, without it. */
  readonly comments: readonly string[]
  readonly call: MarbleCall
  readonly given: MarblePart
  readonly expected: MarblePart
}

/** Where a stanza stands in its file; lines count from 1. */
export interface SourceRange {
  readonly path: string
  /** The first line of the stanza. */
  readonly firstLine: number
  /** The line of the command. */
  readonly callLine: number
  /** The line that is `----`. */
  readonly separatorLine: number
  /** The last line of the stanza. */
  readonly lastLine: number
}

/** A stanza and where it stands. */
export interface LocatedMarbleTest {
  readonly test: MarbleTest
  readonly range: SourceRange
}

/**
 * How many milliseconds one character of a stanza's lanes is: `tick=100ms` of its command, or 1.
 *
 * @throws Error where it is no time, or none passes
 */
export function tickMsOf({ options: { tick } }: MarbleCall): number {
  if (tick === undefined) return 1
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(tick) ?? []
  const tickMs = Number(amount) * (unit === 's' ? 1_000 : 1)
  if (tickMs > 0) return tickMs
  throw new Error(`"tick=${tick}" is how long one character is: write tick=10ms, or tick=1s`)
}

/** What is wrong with a stanza file, with its file and line in front. */
export class MarbleTestError extends Error {
  override readonly name = 'MarbleTestError'

  constructor(path: string, line: number, problem: string) {
    super(`${path}:${line}: ${problem}`)
  }
}
