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
import { shrink } from './shrink.ts'
import { annotate, coneOf, sizeOf } from './cone.ts'

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
  /** What the violation depends on in the shrunk run: its causal past, and all faults. */
  readonly shrunk: Size
  /** How many runs it took to shrink it. */
  readonly runs: number
  /** What the violation depends on, one lane per node and one for the network. */
  readonly marbles: string
  /** The call that replays it: `replay('…', scenario)`. */
  readonly replay: string
  toString(): string
}

/** Shrinks what fails at a seed. */
export function failureAt(scenario: Scenario, seed: number, options?: ShrinkOptions): FoundFailure {
  const drawn = drawPlan(scenario, seed)
  const first = runPlan(scenario, drawn, { keepTrace: true })
  if (first.violation === undefined) {
    throw new Error(
      `seed ${seed} failed, and does not fail again: does it keep state between runs?`,
    )
  }
  const shrunk = shrink(scenario, drawn, first.violation, options)
  const { plan, cone, violation, runs } = shrunk
  const replayed = replayText(plan)
  const marbles = drawFailure(plan, violation, cone)
  const { faults, sends, timers } = cone
  const commands = plan.commands.length
  const size: Size = { events: sizeOf(shrunk), faults, commands, sends, timers }
  const text = [
    `${violation.check}: ${violation.detail} (seed ${seed}, at ${violation.atMs} ms when shrunk)`,
    `${size.events} events: ${wordsOf(size)}`,
    '',
    marbles,
    '',
    replayed,
  ].join('\n')
  const found = sizeOfAll(first, first.violation)
  const trace = shrunk.run.trace
  const rest = { found, shrunk: size, runs, marbles, replay: replayed, toString: () => text }
  return { seed, plan, violation, trace, ...rest }
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
function sizeOfAll({ trace, plan }: Run, { atMs }: Violation): Size {
  const cone = coneOf(annotate(trace), () => false)
  const { faults, sends, timers } = cone
  const commands = plan.commands.filter((command) => command.atMs <= atMs).length
  return {
    events: sizeOf({ plan: { ...plan, commands: [] }, cone }) + commands,
    faults,
    commands,
    sends,
    timers,
  }
}
