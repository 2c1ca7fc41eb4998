/** A failure that exploring found: what fails, as small as it was made, and how to see it again. */
import type { TraceEvent } from '../../model/trace-event.ts'
import type { Violation } from '../world.ts'
import type { Plan } from './plan.ts'
import type { Scenario } from './scenario.ts'
import { SimulationError } from '../simulation-error.ts'
import { drawFailure } from './draw-failure.ts'
import { drawPlan } from './draw-plan.ts'
import { parsePlan, renderPlan } from './plan.ts'
import { type Run, runPlan } from './run-plan.ts'
import type { ShrinkOptions } from './shrink-options.ts'
import { type Shrunk, shrink } from './shrink.ts'
import { type Cone, annotate, coneOf } from './cone.ts'
import { cut } from './smaller-plans.ts'

/** How much there is to a failure. */
export interface Size {
  /** All of the others, together. */
  readonly events: number
  readonly faults: number
  readonly commands: number
  readonly sends: number
  readonly timers: number
}

/** A failure. Printed, it is a drawing and the line that replays it. */
export interface FoundFailure {
  /** The seed it was found at. */
  readonly seed: number
  /** The shrunk plan. */
  readonly plan: Plan
  readonly violation: Violation
  /** The whole trace of the shrunk run. */
  readonly trace: readonly TraceEvent[]
  /** Everything that happened in the run before it was shrunk. */
  readonly found: Size
  /**
   * What the violation depends on in the shrunk run, and what is drawn: all faults and commands,
   * those sends and timers that lead to what the check looked at, and what was sent by the same
   * processes and never arrived. Where something should have come to be and did not, it is what led
   * to the hope: what went on without fulfilling it is in `whole`.
   */
  readonly shrunk: Size
  /** Everything that happened in the shrunk run, up to the violation. */
  readonly whole: Size
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
): FoundFailure {
  const drawn = drawPlan(scenario, seed)
  const first = runPlan(scenario, drawn, { keepTrace: true })
  if (first.violation === undefined) {
    throw new Error(
      `seed ${seed} failed, and does not fail again: does the scenario keep state between runs, ` +
        `or read what is not its own, such as a file or the real time?`,
    )
  }
  const shrunk =
    options === false
      ? asFound(first, first.violation)
      : shrink(scenario, drawn, first.violation, options)
  const { plan, cone, violation, runs, run } = shrunk
  const found = sizeOfAll(first, first.violation)
  const whole = sizeOfAll(run, violation)
  const size = sizeIn(plan, cone)
  const replayed = replayText(plan)
  const marbles = drawFailure(plan, violation, cone)
  const smaller =
    options === false ? 'as found' : `shrunk from ${found.events} events to ${size.events}`
  const rest = whole.events - size.events
  const text = [
    `${violation.check}: ${violation.detail}`,
    `seed ${seed}, ${smaller}: ${wordsOf(size)}` +
      (rest === 0 ? '' : `; ${rest} more do not matter`),
    '',
    marbles,
    '',
    replayed,
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
    replay: replayed,
    toString: () => text,
  }
}

/** Everything that happened, up to the violation. */
function asFound(run: Run, violation: Violation): Shrunk {
  const cone = coneOf(annotate(run.trace), () => false)
  return { plan: cut(run.plan, violation), violation, run, cone, runs: 0 }
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
export function replay(line: string, scenario: Scenario): Run {
  const plan = parsePlan(line)
  const run = runPlan(scenario, plan, { keepTrace: true })
  if (run.violation !== undefined) throw new SimulationError(run.violation, plan.seed)
  return run
}

function replayText(plan: Plan): string {
  const line = renderPlan(plan).replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  return `replay('${line}', scenario)`
}

function wordsOf({ faults, commands, sends, timers }: Size): string {
  const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`
  const told = commands === 0 ? [] : [count(commands, 'command')]
  return [count(faults, 'fault'), ...told, count(sends, 'send'), count(timers, 'timer')].join(', ')
}

/** Everything up to the violation. */
function sizeOfAll({ trace, plan }: Run, violation: Violation): Size {
  return sizeIn(
    cut(plan, violation),
    coneOf(annotate(trace), () => false),
  )
}

function sizeIn({ commands: told }: Plan, { faults, sends, timers }: Cone): Size {
  const commands = told.length
  return { events: faults + commands + sends + timers, faults, commands, sends, timers }
}
