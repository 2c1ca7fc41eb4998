/** Verbs: what a command of a stanza does with its lanes. */
import type { Observable } from 'rxjs'
import type { MarbleContext } from './context.ts'
import type { MarblePart, MarbleTest } from './marble-test.ts'

/** What a verb gives back. */
export interface MarbleOutputs {
  /** Subscribed once for each subscriber lane, and drawn as `result`, `result2`, `result3`. */
  readonly result: Observable<unknown>
  /** What else is drawn, by the name of its lane; subscribed at frame 0. */
  readonly lanes?: Readonly<Record<string, Observable<unknown>>>
}

/** One command. */
export interface MarbleCommand {
  readonly name: string
  /** The command and its lanes on one line, for error messages and the docs. */
  readonly usage: string
  build(context: MarbleContext): MarbleOutputs
}

/** A command that runs its stanzas itself, in a time of its own: a whole cluster, for one. */
export interface MarbleRunner {
  readonly name: string
  /** The command and its lanes on one line, for error messages and the docs. */
  readonly usage: string
  /** @returns what belongs below the line */
  run(test: MarbleTest): MarblePart
}
