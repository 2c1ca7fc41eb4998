/** What has to be true of each planted bug. */
import type { ProtocolName } from './planted.ts'
import { SimulationError } from '../../../src/testing/simulation/checks/simulation-error.ts'
import { explore } from '../../../src/testing/explore/explore.ts'
import { expect } from 'vitest'
import { parsePlan, renderPlan } from '../../../src/testing/explore/plan.ts'
import { replay } from '../../../src/testing/explore/failure.ts'
import { plantedScenario } from './planted.ts'

/** How much time a test takes for it: `npm run bench -- planted` takes more, and leaves less of a failure. */
const SHRINK = { runs: 40, seeds: 5, small: 10 }

/** It is found, there is less of it then, and its line shows the same again. */
export async function expectFound(protocolName: ProtocolName, bug: string): Promise<void> {
  const scenario = plantedScenario(protocolName, bug)
  const { failure } = await explore({ scenario, seeds: 1_000, shrink: SHRINK, progress: false })
  if (failure === undefined) throw new Error(`not found in 1,000 seeds: ${protocolName}, ${bug}`)
  const { plan, violation, found, shrunk } = failure
  expect(plan.faults.length + plan.commands.length).toBeLessThanOrEqual(
    found.faults + found.commands,
  )
  expect(shrunk.events).toBeGreaterThan(0)
  const line = renderPlan(plan)
  expect(failure.replay).toContain('replay(')
  expect(parsePlan(line)).toEqual(plan)
  const replayError = errorOf(() => replay(line, scenario))
  expect(replayError).toBeInstanceOf(SimulationError)
  expect((replayError as SimulationError).violation).toEqual(violation)
  // What is wrong is the protocol, and not what the plan does to it.
  expect(errorOf(() => replay(line, plantedScenario(protocolName)))).toBeUndefined()
}

function errorOf(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}
