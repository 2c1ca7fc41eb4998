/** The data model of a stanza: what is parsed, run, and drawn as text or as a picture. */
import type { Drawing } from './drawing.ts'
import type { Notation } from './notation.ts'

/** One lane: a name and what is drawn on it. */
export interface Lane {
  readonly name: string
  readonly drawing: Drawing
}

/** `letter = value`. */
export interface Definition {
  readonly letter: string
  readonly value: Notation
}

/** `# = CODE`: what a `#` stands for, in one lane or in all that are not named. */
export interface Failure {
  readonly lane?: string
  readonly error: string
}

/** A command and what stands behind it: `bounded 2 concurrency=1`. */
export interface Command {
  readonly name: string
  /** The words without a name, in order. */
  readonly words: readonly string[]
  /** The words of the form `key=value`. */
  readonly options: Readonly<Record<string, string>>
}

/** Half a stanza: lanes, and what their marks stand for. */
export interface Part {
  readonly lanes: readonly Lane[]
  readonly definitions: readonly Definition[]
  readonly failures: readonly Failure[]
}

/** One stanza: a sentence, a command, what goes in, and what is expected to come out. */
export interface Stanza {
  readonly title: string
  /** The lines that begin with `//`, without it. */
  readonly remarks: readonly string[]
  readonly command: Command
  readonly given: Part
  readonly expected: Part
}

/** Where a stanza stands in its file; lines count from 1. */
export interface Place {
  readonly path: string
  /** The first line of the stanza. */
  readonly line: number
  /** The line of the command. */
  readonly command: number
  /** The line that is `----`. */
  readonly rule: number
  /** The last line of the stanza. */
  readonly end: number
}

/** A stanza and where it stands. */
export interface PlacedStanza {
  readonly stanza: Stanza
  readonly place: Place
}

/**
 * How many milliseconds one character of a stanza's lanes is: `tick=100ms` of its command, or 1.
 *
 * @throws Error where it is no time, or none passes
 */
export function tickMsOf({ options: { tick } }: Command): number {
  if (tick === undefined) return 1
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(tick) ?? []
  const tickMs = Number(amount) * (unit === 's' ? 1_000 : 1)
  if (tickMs > 0) return tickMs
  throw new Error(`"tick=${tick}" is how long one character is: write tick=10ms, or tick=1s`)
}

/** What is wrong with a stanza file, with its file and line in front. */
export class StanzaError extends Error {
  override readonly name = 'StanzaError'

  constructor(path: string, line: number, problem: string) {
    super(`${path}:${line}: ${problem}`)
  }
}
