/** Types of the commands that a marble test can name in its second line. */
import type { Observable } from 'rxjs'
import type { MarbleContext } from './context.ts'
import type { MarblePart, MarbleTest } from './marble-test.ts'

/** The observables that a command returns to be recorded. */
export interface MarbleOutputs {
  /** Subscribed once for each subscriber lane; drawn as `result`, `result2` and `result3`. */
  readonly result: Observable<unknown>
  /** Further observables by lane name, subscribed at frame 0. */
  readonly lanes?: Readonly<Record<string, Observable<unknown>>> | undefined
}

/** A command that builds an observable from the lanes above the line. */
export interface MarbleCommand {
  readonly name: string
  /** The syntax of the command and its lanes on one line, for error messages and docs. */
  readonly usage: string
  build(context: MarbleContext): MarbleOutputs
}

/** A command that runs its tests itself, in its own virtual time, such as `cluster`. */
export interface MarbleRunner {
  readonly name: string
  /** The syntax of the command and its lanes on one line, for error messages and docs. */
  readonly usage: string
  /** Returns the part below the line. */
  run(test: MarbleTest): MarblePart
}
