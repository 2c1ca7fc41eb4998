/** `rx-cluster/testing`: stanzas of your own, run on virtual time and drawn as pictures. */
export { compare, rewriteFile, runStanzas } from './marbles/rewrite.ts'
export type { Comparison } from './marbles/rewrite.ts'
export { parseStanzas } from './marbles/parse.ts'
export { StanzaError } from './marbles/stanza.ts'
export type {
  Command,
  Definition,
  Failure,
  Lane,
  Part,
  Place,
  PlacedStanza,
  Stanza,
} from './marbles/stanza.ts'
export type { Drawing, Mark, SignKind } from './marbles/drawing.ts'
export type { Notation, Reference } from './marbles/notation.ts'
export type { Bench } from './marbles/bench.ts'
export { stanzaSvg } from './marbles/svg.ts'
export type { Outputs, Verb } from './marbles/verb.ts'
