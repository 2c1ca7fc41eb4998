/** Draws the plan of a seed. */
import type { Plan } from './plan.ts'
import type { Scenario } from './scenario.ts'
import { chaos } from './chaos.ts'
import { seededChance } from '../../core/chance.ts'

/** So that the dice of a plan are others than those of the run with the same seed. */
const PLAN_DICE = 2 ** 40

/** The plan that a seed stands for. The same scenario and seed give the same plan. */
export function drawPlan(scenario: Scenario, seed: number): Plan {
  const { untilMs, faults = {}, conditions } = scenario
  const chance = seededChance(seed + PLAN_DICE)
  const [least, most] = sizesOf(scenario)
  const peers = least + Math.floor(chance() * (most - least + 1))
  const healedMs = Math.max(0, untilMs - (scenario.calmMs ?? Math.ceil(untilMs / 3)))
  const options = { ...(conditions === undefined ? {} : { conditions }), ...faults }
  const drawn = faults === false ? [] : chaos(chance, { ...options, peers, untilMs: healedMs })
  const plan = { seed, peers, untilMs, healedMs, faults: drawn, commands: [] }
  return { ...plan, commands: scenario.commands?.(chance, plan) ?? [] }
}

/** The shortest time in which a small plan does harm, in milliseconds. */
const SMALL_MS = 100

/** A plan with perhaps fewer nodes and less time than the scenario asks for. */
export function drawSmall(scenario: Scenario, seed: number): Plan {
  const { untilMs } = scenario
  const peers = sizesOf(scenario)[1]
  const peersLeast = Math.min(peers, scenario.peersLeast ?? 2)
  const calmMs = scenario.calmMs ?? Math.ceil(untilMs / 3)
  const chance = seededChance(seed + 2 * PLAN_DICE)
  const most = Math.max(1, (untilMs - calmMs) / SMALL_MS)
  const harmMs = Math.ceil(SMALL_MS * most ** chance())
  const size = peersLeast + Math.floor(chance() * (peers - peersLeast + 1))
  return drawPlan({ ...scenario, peers: size, untilMs: harmMs + calmMs, calmMs }, seed)
}

function sizesOf({ peers }: Scenario): readonly [number, number] {
  return typeof peers === 'number' ? [peers, peers] : peers
}
