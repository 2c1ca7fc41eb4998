/** The data model of marble tests, which are parsed, run, and drawn as text or as pictures. */
import type { Rule } from '../../model/check-arguments.ts'
import { isRecord } from '../../config/strict-object.ts'
import { ClusterError, nameErrors } from '../../model/cluster-error.ts'
import type { MarbleDrawing } from './drawing.ts'
import type { MarbleNotation } from './notation.ts'

/** A named lane with its drawing. */
export interface MarbleLane {
  readonly name: string
  readonly drawing: MarbleDrawing
}

/** The value of a letter: `a = {"term":1}`. */
export interface MarbleDefinition {
  readonly letter: string
  readonly value: MarbleNotation
}

/** The error of a `#`, in one lane or in all others: `# = CODE`, `# in source = CODE`. */
export interface MarbleFailure {
  readonly lane?: string | undefined
  readonly error: string
}

/** A command line: `boundedMergeMap bufSize=2 concurrency=1`. */
export interface MarbleCall {
  readonly name: string
  /** The words without `=`, in order. */
  readonly args: readonly string[]
  /** The words of the form `key=value`. */
  readonly options: Readonly<Record<string, string>>
}

/** The part above or below the line `----`: lanes and the meaning of their marks. */
export interface MarblePart {
  readonly lanes: readonly MarbleLane[]
  readonly definitions: readonly MarbleDefinition[]
  readonly failures: readonly MarbleFailure[]
}

/** A marble test: a title, a command, its input and its expected output. */
export interface MarbleTest {
  readonly title: string
  /** The lines that begin with `//`, without it. */
  readonly comments: readonly string[]
  readonly call: MarbleCall
  readonly given: MarblePart
  readonly expected: MarblePart
}

/** The lines of a marble test in its file, counted from 1. */
export interface SourceRange {
  readonly path: string
  readonly firstLine: number
  readonly callLine: number
  /** The line `----`. */
  readonly separatorLine: number
  readonly lastLine: number
}

/** A marble test and its position. */
export interface LocatedMarbleTest {
  readonly test: MarbleTest
  readonly range: SourceRange
}

/** Accepts marble tests, as `parseMarbleTests` returns them. */
export const A_MARBLE_TEST: Rule = {
  expected: 'a marble test',
  accepts: (value) => {
    if (!isRecord(value)) return false
    const { call, given, expected } = value
    return isRecord(call) && isRecord(given) && isRecord(expected)
  },
}

/**
 * Returns the duration of one character, in milliseconds: `tick=100ms` of the command, or 1.
 *
 * @throws ClusterError `INVALID_ARGUMENT` if the option is not a positive duration
 */
export function tickMsOf({ options: { tick } }: MarbleCall): number {
  if (tick === undefined) return 1
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(tick) ?? []
  const tickMs = Number(amount) * (unit === 's' ? 1_000 : 1)
  if (tickMs > 0) return tickMs
  throw marbleProblem(`"tick=${tick}" is not a duration: write tick=10ms or tick=1s`)
}

/** Creates the error of an invalid marble test; `runMarbleTests` adds its position. */
export function marbleProblem(problem: string): ClusterError {
  return new ClusterError('INVALID_ARGUMENT', problem)
}

/** Reports an invalid marble test (`INVALID_ARGUMENT`): `file:line: problem`. */
export class MarbleTestError extends ClusterError {
  constructor(path: string, line: number, problem: string, cause?: unknown) {
    super('INVALID_ARGUMENT', `${path}:${line}: ${problem}`, { cause })
  }
}

nameErrors(MarbleTestError, 'MarbleTestError')
