/** A failure that exploring found: what fails, as small as it was made, and how to see it again. */
import type { TraceEvent } from '../../recording/trace-event.ts'
import type { Violation } from '../simulation/world.ts'
import type { Plan } from './plan.ts'
import type { Scenario } from './scenario.ts'
import { SimulationError } from '../simulation/checks/simulation-error.ts'
import { renderFailure } from './render-failure.ts'
import { generatePlan } from './generate-plan.ts'
import { parsePlan, renderPlan } from './plan.ts'
import { type PlanRun, runPlan } from './run-plan.ts'
import type { ShrinkOptions } from './shrink-options.ts'
import { type ShrinkResult, shrink } from './shrink.ts'
import { type CausalHistory, annotate, causalHistoryOf } from './causal-history.ts'
import { truncateAtViolation } from './smaller-plans.ts'

/** How much there is to a failure. */
export interface FailureSize {
  /** All of the others, together. */
  readonly events: number
  readonly faults: number
  readonly commands: number
  readonly sends: number
  readonly timers: number
}

/** A failure. Printed, it is a drawing and the line that replays it. */
export interface ExploreFailure {
  /** The seed it was found at. */
  readonly seed: number
  /** The shrunk plan. */
  readonly plan: Plan
  readonly violation: Violation
  /** The whole trace of the shrunk run. */
  readonly trace: readonly TraceEvent[]
  /** Everything that happened in the run before it was shrunk. */
  readonly found: FailureSize
  /**
   * What the violation depends on in the shrunk run, and what is drawn: all faults and commands,
   * those sends and timers that lead to what the check looked at, and what was sent by the same
   * processes and never arrived. Where something should have come to be and did not, it is what led
   * to the hope: what went on without fulfilling it is in `whole`.
   */
  readonly shrunk: FailureSize
  /** Everything that happened in the shrunk run, up to the violation. */
  readonly whole: FailureSize
  /** How many runs it took to shrink it. */
  readonly runs: number
  /** What the violation depends on, one lane per node and one for the network. */
  readonly marbles: string
  /** The call that replays it: `replay('…', scenario)`. */
  readonly replay: string
  toString(): string
}

/**
 * Shrinks what fails at a seed.
 *
 * @throws Error where it does not fail again
 */
export function failureAt(
  scenario: Scenario,
  seed: number,
  options: ShrinkOptions | false = {},
): ExploreFailure {
  const generated = generatePlan(scenario, seed)
  const firstRun = runPlan(scenario, generated, { keepTrace: true })
  if (firstRun.violation === undefined) {
    throw new Error(
      `seed ${seed} failed, and does not fail again: does the scenario keep state between runs, ` +
        `or read what is not its own, such as a file or the real time?`,
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
      (omitted === 0 ? '' : `; ${omitted} more do not matter`),
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

/** Everything that happened, up to the violation. */
function unshrunk(run: PlanRun, violation: Violation): ShrinkResult {
  const history = causalHistoryOf(annotate(run.trace), () => false)
  return { plan: truncateAtViolation(run.plan, violation), violation, run, history, runs: 0 }
}

/**
 * Runs a plan again, as the line of a failure tells it.
 *
 * @param line what `failure.replay` has between quotes
 * @param scenario the same as then
 * @returns what happened, where every check holds: the bug is gone
 * @throws SimulationError where a check does not hold, the same as then; SyntaxError for a line
 *   that is no plan
 */
export function replay(line: string, scenario: Scenario): PlanRun {
  const plan = parsePlan(line)
  const run = runPlan(scenario, plan, { keepTrace: true })
  if (run.violation !== undefined) throw new SimulationError(run.violation, plan.seed)
  return run
}

function formatReplayCall(plan: Plan): string {
  const line = renderPlan(plan).replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  return `replay('${line}', scenario)`
}

function formatSize({ faults, commands, sends, timers }: FailureSize): string {
  const plural = (count: number, noun: string): string =>
    `${count} ${noun}${count === 1 ? '' : 's'}`
  const commandText = commands === 0 ? [] : [plural(commands, 'command')]
  return [
    plural(faults, 'fault'),
    ...commandText,
    plural(sends, 'send'),
    plural(timers, 'timer'),
  ].join(', ')
}

/** Everything up to the violation. */
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
