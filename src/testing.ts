/** `rx-cluster/testing`: whole clusters on virtual time, and stanzas of your own, run and drawn. */
export { simulate } from './simulation/simulate.ts'
export { SimulationError } from './simulation/simulation-error.ts'
export type { Local, Protocol, SimulationOptions, Violation, World } from './simulation/world.ts'
export type { Expectation, Expectations } from './simulation/expectations.ts'
export type { Conditions, Delay, Fault, TimedFault, Way } from './simulation/fault.ts'
export type { NodeTraceEvent, TraceEvent } from './model/trace-event.ts'
export { type Leadership, oneLeaderPerTerm } from './simulation/one-leader-per-term.ts'
export { parseFault, renderFault } from './simulation/fault-words.ts'
export { parseNetwork } from './simulation/network-lane.ts'

export { clusterStanzas, type StanzaProtocol } from './simulation/stanzas/cluster-stanzas.ts'
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
export type { Outputs, StanzaRunner, Verb } from './marbles/verb.ts'

export { explore, type Exploration, type ExploreOptions } from './simulation/explore/explore.ts'
export { type FoundFailure, replay, type Size } from './simulation/explore/failure.ts'
export type { Scenario, ToldProtocol } from './simulation/explore/scenario.ts'
export { parsePlan, type Plan, renderPlan } from './simulation/explore/plan.ts'
export type { PlanCommand } from './simulation/explore/plan.ts'
export { chaos, type ChaosKind, type ChaosOptions } from './simulation/explore/chaos.ts'
export type { ShrinkOptions } from './simulation/explore/shrink-options.ts'
export type { Run } from './simulation/explore/run-plan.ts'

export { replayRecording } from './simulation/replay/replay-recording.ts'
export type {
  ReceivedEvent,
  Replay,
  ReplayOptions,
  SentEvent,
} from './simulation/replay/replay-recording.ts'
export type { Differences } from './simulation/replay/differences.ts'
