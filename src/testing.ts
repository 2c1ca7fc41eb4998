/** `rx-cluster/testing`: simulated clusters, exploration of faults, marble tests, and replay. */
export { simulate } from './testing/simulation/simulate.ts'
export { SimulationError } from './testing/simulation/checks/simulation-error.ts'
export type {
  Local,
  Protocol,
  SimulationOptions,
  Violation,
  World,
} from './testing/simulation/world.ts'
export type { Expectation, Expectations } from './testing/simulation/checks/expectations.ts'
export type {
  Conditions,
  Delay,
  Fault,
  TimedFault,
  Path,
} from './testing/simulation/faults/fault.ts'
export type {
  NodeTraceEvent,
  ReceivedEvent,
  TraceEventOf,
  SentEvent,
  TraceEvent,
} from './recording/trace-event.ts'
export {
  type Leadership,
  oneLeaderPerTerm,
} from './testing/simulation/checks/one-leader-per-term.ts'
export type { OptionalFields } from './base/defined.ts'
export { parseFault, renderFault } from './testing/simulation/faults/fault-syntax.ts'
export { parseNetwork } from './testing/simulation/faults/parse-network.ts'

export { clusterCommand } from './testing/simulation/cluster-command/cluster-command.ts'
export { compareMarbleTest, rewriteMarbleTests, runMarbleTests } from './testing/marbles/rewrite.ts'
export type { MarbleComparison } from './testing/marbles/rewrite.ts'
export { parseMarbleTests } from './testing/marbles/parse.ts'
export { MarbleTestError } from './testing/marbles/marble-test.ts'
export type {
  MarbleCall,
  MarbleDefinition,
  MarbleFailure,
  MarbleLane,
  MarblePart,
  SourceRange,
  LocatedMarbleTest,
  MarbleTest,
} from './testing/marbles/marble-test.ts'
export type { MarbleDrawing, MarbleMark, MarbleSign } from './testing/marbles/drawing.ts'
export type { MarbleNotation, MarbleReference } from './testing/marbles/notation.ts'
export type { MarbleContext } from './testing/marbles/context.ts'
export { renderSvg } from './testing/marbles/svg/document.ts'
export type { MarbleOutputs, MarbleRunner, MarbleCommand } from './testing/marbles/command.ts'

export { explore, type Exploration, type ExploreOptions } from './testing/explore/explore.ts'
export { type ExploreFailure, replay, type FailureSize } from './testing/explore/failure.ts'
export type { Scenario } from './testing/explore/scenario.ts'
export { parsePlan, type Plan, renderPlan } from './testing/explore/plan.ts'
export type { PlanCommand } from './testing/explore/plan.ts'
export { chaos } from './testing/explore/chaos.ts'
export type { ChaosKind, ChaosOptions } from './testing/explore/chaos-options.ts'
export type { ShrinkOptions } from './testing/explore/shrink.ts'
export type { PlanRun } from './testing/explore/run-plan.ts'

export { replayRecording } from './testing/replay/replay-recording.ts'
export type { Replay, ReplayOptions } from './testing/replay/replay-recording.ts'
export type { Differences } from './testing/replay/differences.ts'
