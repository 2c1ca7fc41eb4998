/** `rx-cluster/testing`: whole clusters on virtual time, and stanzas of your own, run and drawn. */
export { simulate } from './simulation/simulate.ts'
export { SimulationError } from './simulation/simulation-error.ts'
export type { Local, Protocol, SimulationOptions, Violation, World } from './simulation/world.ts'
export type { Conditions, Delay, Fault, TimedFault, Way } from './simulation/fault.ts'
export type { NodeTraceEvent, TraceEvent } from './model/trace-event.ts'
export { parseFault, renderFault } from './simulation/fault-words.ts'
export { parseNetwork } from './simulation/network-lane.ts'

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
