/** Draws the plan of a seed. */
import type { Plan } from './plan.ts'
import type { Scenario } from './scenario.ts'
import { chaos } from './chaos.ts'
import { seededChance } from '../../core/chance.ts'

/** So that the dice of a plan are others than those of the run with the same seed. */
const PLAN_DICE = 2 ** 40

/** The plan that a seed stands for. The same scenario and seed give the same plan. */
export function drawPlan(scenario: Scenario, seed: number): Plan {
  const { peers, untilMs, faults = {}, conditions } = scenario
  const chance = seededChance(seed + PLAN_DICE)
  const healedMs = Math.max(0, untilMs - (scenario.calmMs ?? Math.ceil(untilMs / 3)))
  const options = { ...(conditions === undefined ? {} : { conditions }), ...faults }
  const drawn = faults === false ? [] : chaos(chance, { ...options, peers, untilMs: healedMs })
  const plan = { seed, peers, untilMs, healedMs, faults: drawn, commands: [], withheld: [] }
  return { ...plan, commands: scenario.commands?.(chance, plan) ?? [] }
}
