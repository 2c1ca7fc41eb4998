/** Runs seeds one after the other, up to the first that fails. */
import type { Scenario } from './scenario.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { checkPlan } from './check-scenario.ts'
import { generatePlan } from './generate-plan.ts'
import { renderPlan } from './plan.ts'
import { runPlan } from './run-plan.ts'

/** The result of running some seeds. */
export interface SeedResults {
  readonly seeds: number
  readonly events: number
  readonly faults: number
  /** Smallest number of trace events of a seed. */
  readonly minEvents: number
  readonly minFaults: number
  /** The lowest seed that failed. */
  readonly failedSeed?: number
}

/** The result before any seed was run. */
export const NO_RESULTS: SeedResults = {
  seeds: 0,
  events: 0,
  faults: 0,
  minEvents: Infinity,
  minFaults: Infinity,
}

/**
 * Runs seeds up to the first that fails.
 *
 * @throws ClusterError that names the plan, if a run throws anything but a violation, which is then
 *   its cause
 */
export function trySeeds(scenario: Scenario, firstSeed: number, seeds: number): SeedResults {
  let results = NO_RESULTS
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const plan = generatePlan(scenario, seed)
    try {
      checkPlan(plan)
      const { violation, events, faults } = runPlan(scenario, plan)
      const failedSeed = violation === undefined ? {} : { failedSeed: seed }
      const result = { seeds: 1, events, faults, minEvents: events, minFaults: faults }
      results = mergeResults(results, { ...result, ...failedSeed })
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const code = error instanceof ClusterError ? error.code : 'CHECK_FAILED'
      throw new ClusterError(code, `${message} (with ${renderPlan(plan)})`, { cause: error })
    }
    if (results.failedSeed !== undefined) return results
  }
  return results
}

/** Adds two results; the lower failed seed counts. */
export function mergeResults(a: SeedResults, b: SeedResults): SeedResults {
  const failedSeed = Math.min(a.failedSeed ?? Infinity, b.failedSeed ?? Infinity)
  return {
    seeds: a.seeds + b.seeds,
    events: a.events + b.events,
    faults: a.faults + b.faults,
    minEvents: Math.min(a.minEvents, b.minEvents),
    minFaults: Math.min(a.minFaults, b.minFaults),
    ...(failedSeed === Infinity ? {} : { failedSeed }),
  }
}
