/** What has to be true of each planted bug. */
import type { Kind } from './planted.ts'
import { SimulationError } from '../../../src/simulation/simulation-error.ts'
import { explore } from '../../../src/simulation/explore/explore.ts'
import { expect } from 'vitest'
import { parsePlan, renderPlan } from '../../../src/simulation/explore/plan.ts'
import { replay } from '../../../src/simulation/explore/failure.ts'
import { scenarioOf } from './planted.ts'

/** How much time a test takes for it: `npm run bench -- planted` takes more, and leaves less of a failure. */
const SHRINK = { runs: 40, seeds: 5, small: 10 }

/** It is found, there is less of it then, and its line shows the same again. */
export async function finds(kind: Kind, bug: string): Promise<void> {
  const scenario = scenarioOf(kind, bug)
  const { failure } = await explore({ scenario, seeds: 1_000, shrink: SHRINK, progress: false })
  if (failure === undefined) throw new Error(`not found in 1,000 seeds: ${kind}, ${bug}`)
  const { plan, violation, found, shrunk } = failure
  expect(plan.faults.length + plan.commands.length).toBeLessThanOrEqual(
    found.faults + found.commands,
  )
  expect(shrunk.events).toBeGreaterThan(0)
  const line = renderPlan(plan)
  expect(failure.replay).toContain('replay(')
  expect(parsePlan(line)).toEqual(plan)
  const again = thrown(() => replay(line, scenario))
  expect(again).toBeInstanceOf(SimulationError)
  expect((again as SimulationError).violation).toEqual(violation)
  // What is wrong is the protocol, and not what the plan does to it.
  expect(thrown(() => replay(line, scenarioOf(kind)))).toBeUndefined()
}

function thrown(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}
