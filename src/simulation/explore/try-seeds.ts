/** Tries seeds one after the other, up to the first that fails. */
import type { Scenario } from './scenario.ts'
import { drawPlan } from './draw-plan.ts'
import { renderPlan } from './plan.ts'
import { runPlan } from './run-plan.ts'

/** What came of some seeds. */
export interface Tried {
  readonly seeds: number
  readonly events: number
  readonly faults: number
  /** The fewest in a seed. */
  readonly eventsLeast: number
  readonly faultsLeast: number
  /** The first seed that fails. */
  readonly failed?: number
}

/** Nothing was tried yet. */
export const NOTHING_TRIED: Tried = {
  seeds: 0,
  events: 0,
  faults: 0,
  eventsLeast: Infinity,
  faultsLeast: Infinity,
}

/**
 * Runs seeds up to the first that fails.
 *
 * @throws Error that names the plan, with what was thrown as its cause, where a run ends in one
 */
export function trySeeds(scenario: Scenario, firstSeed: number, seeds: number): Tried {
  let tried = NOTHING_TRIED
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const plan = drawPlan(scenario, seed)
    try {
      const { violation, events, faults } = runPlan(scenario, plan)
      const failed = violation === undefined ? {} : { failed: seed }
      const one = { seeds: 1, events, faults, eventsLeast: events, faultsLeast: faults }
      tried = together(tried, { ...one, ...failed })
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error)
      throw new Error(`${said} (with ${renderPlan(plan)})`, { cause: error })
    }
    if (tried.failed !== undefined) return tried
  }
  return tried
}

/** What came of these and of those; the earlier failure counts. */
export function together(a: Tried, b: Tried): Tried {
  const failed = Math.min(a.failed ?? Infinity, b.failed ?? Infinity)
  return {
    seeds: a.seeds + b.seeds,
    events: a.events + b.events,
    faults: a.faults + b.faults,
    eventsLeast: Math.min(a.eventsLeast, b.eventsLeast),
    faultsLeast: Math.min(a.faultsLeast, b.faultsLeast),
    ...(failed === Infinity ? {} : { failed }),
  }
}
