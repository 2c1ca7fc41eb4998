/** What must hold for each planted bug. */
import type { ProtocolName } from './planted.ts'
import { SimulationError } from '../../../src/testing/simulation/checks/simulation-error.ts'
import { explore } from '../../../src/testing/explore/explore.ts'
import { expect } from 'vitest'
import { parsePlan, renderPlan } from '../../../src/testing/explore/plan.ts'
import { replay } from '../../../src/testing/explore/failure.ts'
import { plantedScenario } from './planted.ts'

/** Tests spend less on shrinking than `npm run bench -- planted`. */
const SHRINK = { runs: 40, seeds: 5, small: 10 }

/** Expects that `explore` finds the bug, shrinks it, and replays it. */
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
  // The correct protocol passes under the same plan.
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
