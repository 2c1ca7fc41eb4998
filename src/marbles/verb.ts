/** Verbs: what a command of a stanza does with its lanes. */
import type { Observable } from 'rxjs'
import type { Bench } from './bench.ts'
import type { Part, Stanza } from './stanza.ts'

/** What a verb gives back. */
export interface Outputs {
  /** Subscribed once for each subscriber lane, and drawn as `result`, `result2`, `result3`. */
  readonly result: Observable<unknown>
  /** What else is drawn, by the name of its lane; subscribed at frame 0. */
  readonly lanes?: Readonly<Record<string, Observable<unknown>>>
}

/** One command. */
export interface Verb {
  readonly name: string
  /** The command and its lanes on one line, for error messages and the docs. */
  readonly usage: string
  build(bench: Bench): Outputs
}

/** A command that runs its stanzas itself, in a time of its own: a whole cluster, for one. */
export interface StanzaRunner {
  readonly name: string
  /** The command and its lanes on one line, for error messages and the docs. */
  readonly usage: string
  /** @returns what belongs below the line */
  run(stanza: Stanza): Part
}
