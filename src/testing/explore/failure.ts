/** A failure that `explore` found: the shrunk plan, its drawing, and the line that replays it. */
import type { TraceEvent } from '../../recording/trace-event.ts'
import type { Violation } from '../simulation/world.ts'
import type { Plan } from './plan.ts'
import type { Scenario } from './scenario.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { checkPlan, checkScenario } from './check-scenario.ts'
import { SimulationError } from '../simulation/checks/simulation-error.ts'
import { renderDelay } from '../simulation/faults/fault-syntax.ts'
import { renderFailure } from './render-failure.ts'
import { generatePlan } from './generate-plan.ts'
import { parsePlan, renderPlan } from './plan.ts'
import { type PlanRun, runPlan } from './run-plan.ts'
import { type ShrinkOptions, type ShrinkResult, shrink } from './shrink.ts'
import { type CausalHistory, annotate, causalHistoryOf } from './causal-history.ts'
import { truncateAtViolation } from './smaller-plans.ts'

/** Number of events of a failure, by kind. */
export interface FailureSize {
  /** `events = faults + commands + sends + timers`. */
  readonly events: number
  readonly faults: number
  readonly commands: number
  readonly sends: number
  readonly timers: number
}

/** A failure. `toString()` gives a drawing and the call that replays it. */
export interface ExploreFailure {
  /** The seed that failed. */
  readonly seed: number
  /** The shrunk plan. */
  readonly plan: Plan
  readonly violation: Violation
  /** The whole trace of the shrunk run. */
  readonly trace: readonly TraceEvent[]
  /** Size of the whole run before shrinking, up to the violation. */
  readonly found: FailureSize
  /**
   * Size of what the violation depends on in the shrunk run, which is what is drawn.
   *
   * That is all faults and commands, the sends and timers that cause the outputs which the check
   * needs, and the lost messages of the same processes. If something expected did not happen, it is
   * what caused the expectation; `whole` contains what happened while the check waited.
   */
  readonly shrunk: FailureSize
  /** Size of the whole shrunk run, up to the violation. */
  readonly whole: FailureSize
  /** Number of runs that shrinking took. */
  readonly runs: number
  /** Drawing of what the violation depends on: a lane per node, and one for the network. */
  readonly marbles: string
  /** The call that replays the shrunk plan: `replay('…', scenario)`. */
  readonly replay: string
  toString(): string
}

/**
 * Runs a seed that failed again, and shrinks its failure.
 *
 * @throws ClusterError `NONDETERMINISTIC` if it does not fail again
 */
export function failureAt(
  scenario: Scenario,
  seed: number,
  options: ShrinkOptions | false = {},
): ExploreFailure {
  const generated = generatePlan(scenario, seed)
  const firstRun = runPlan(scenario, generated, { keepTrace: true })
  if (firstRun.violation === undefined) {
    throw new ClusterError(
      'NONDETERMINISTIC',
      `seed ${seed} failed, but not when it was run again: the scenario is not deterministic. ` +
        'Does it keep state between runs, or read a file or the real time?',
    )
  }
  const shrunk =
    options === false
      ? unshrunk(firstRun, firstRun.violation)
      : shrink(scenario, generated, firstRun.violation, options)
  const { plan, history, violation, runs, run } = shrunk
  const found = fullSize(firstRun, firstRun.violation)
  const whole = fullSize(run, violation)
  const size = sizeOf(plan, history)
  const replayCall = formatReplayCall(plan)
  const marbles = renderFailure(plan, violation, history)
  const shrinkNote =
    options === false ? 'as found' : `shrunk from ${found.events} events to ${size.events}`
  const omitted = whole.events - size.events
  const text = [
    `${violation.check}: ${violation.detail}`,
    `seed ${seed}, ${shrinkNote}: ${formatSize(size)}` +
      (omitted === 0 ? '' : `; ${plural(omitted, 'unrelated event')}`) +
      (plan.delay === undefined ? '' : `; every path has a delay of ${renderDelay(plan.delay)}`),
    '',
    marbles,
    '',
    replayCall,
  ].join('\n')
  return {
    seed,
    plan,
    violation,
    trace: run.trace,
    found,
    shrunk: size,
    whole,
    runs,
    marbles,
    replay: replayCall,
    toString: () => text,
  }
}

/** The failure as found: its history is the whole trace up to the violation. */
function unshrunk(run: PlanRun, violation: Violation): ShrinkResult {
  const history = causalHistoryOf(annotate(run.trace), () => false)
  return { plan: truncateAtViolation(run.plan, violation), violation, run, history, runs: 0 }
}

/**
 * Runs the plan of a failure again.
 *
 * @param line the quoted text in `failure.replay`
 * @param scenario the scenario in which the failure was found
 * @returns the run, if every check holds: the bug is fixed
 * @throws SimulationError if a check does not hold; ClusterError
 *   `PLAN_INVALID` for a line that is not a plan
 */
export function replay(line: string, scenario: Scenario): PlanRun {
  checkScenario('replay', scenario)
  const plan = parsePlan(line)
  checkPlan(plan)
  const run = runPlan(scenario, plan, { keepTrace: true })
  if (run.violation !== undefined) throw new SimulationError(run.violation, plan.seed)
  return run
}

function formatReplayCall(plan: Plan): string {
  const line = renderPlan(plan).replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  return `replay('${line}', scenario)`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function formatSize({ faults, commands, sends, timers }: FailureSize): string {
  const commandText = commands === 0 ? [] : [plural(commands, 'command')]
  return [
    plural(faults, 'fault'),
    ...commandText,
    plural(sends, 'send'),
    plural(timers, 'timer'),
  ].join(', ')
}

function fullSize({ trace, plan }: PlanRun, violation: Violation): FailureSize {
  return sizeOf(
    truncateAtViolation(plan, violation),
    causalHistoryOf(annotate(trace), () => false),
  )
}

function sizeOf(
  { commands: planCommands }: Plan,
  { faults, sends, timers }: CausalHistory,
): FailureSize {
  const commands = planCommands.length
  return { events: faults + commands + sends + timers, faults, commands, sends, timers }
}
