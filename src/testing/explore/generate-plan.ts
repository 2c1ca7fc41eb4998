/** Generates the plan of a seed. */
import type { Plan } from './plan.ts'
import type { Scenario } from './scenario.ts'
import { chaos } from './chaos.ts'
import type { Delay } from '../simulation/faults/fault.ts'
import { type Random, seededRandom } from '../../base/seeded-random.ts'

/** A plan and its run use different random numbers, although they have the same seed. */
const PLAN_SEED_OFFSET = 2 ** 40

/** Delays are drawn apart from the faults, so that a seed keeps its faults with any delay. */
const DELAY_SEED_OFFSET = 3 * PLAN_SEED_OFFSET
const UNIFORM_MS_MAX = 80
const EXPONENTIAL_MS_MAX = 30

/**
 * Draws the delay of every path: undefined (1 ms) for half of the seeds, none, or different for
 * each frame, from a few milliseconds to tens. Where all frames take 1 ms, many protocols are
 * vulnerable for 1 ms only; where they take long, little happens between two faults.
 */
function baseDelay(random: Random): Delay | undefined {
  const choice = random()
  // Short times are as likely as long ones.
  const upTo = (maxMs: number): number => Math.ceil(maxMs ** random())
  if (choice < 0.5) return undefined
  if (choice < 0.55) return { kind: 'fixed', ms: 0 }
  if (choice < 0.85) return { kind: 'uniform', fromMs: 0, toMs: upTo(UNIFORM_MS_MAX) }
  return { kind: 'exponential', meanMs: upTo(EXPONENTIAL_MS_MAX) }
}

/** Generates the plan of a seed: the same scenario and seed give the same plan. */
export function generatePlan(scenario: Scenario, seed: number): Plan {
  const { untilMs, faults = {}, conditions } = scenario
  const random = seededRandom(seed + PLAN_SEED_OFFSET)
  const [min, max] = peerRange(scenario)
  const peers = min + Math.floor(random() * (max - min + 1))
  const healedMs = Math.max(0, untilMs - (scenario.recoveryMs ?? Math.ceil(untilMs / 3)))
  const delay =
    conditions?.delay === undefined ? baseDelay(seededRandom(seed + DELAY_SEED_OFFSET)) : undefined
  const normal = { ...conditions, ...(delay === undefined ? {} : { delay }) }
  const generated =
    faults === false
      ? []
      : chaos(random, { conditions: normal, ...faults, peers, untilMs: healedMs })
  const plan: Plan = {
    seed,
    peers,
    untilMs,
    healedMs,
    ...(delay === undefined ? {} : { delay }),
    faults: generated,
    commands: [],
  }
  return { ...plan, commands: scenario.commands?.(random, plan) ?? [] }
}

/** Minimum time with faults in a small plan, in milliseconds. */
const FAULTS_MS_MIN = 100

/** Generates a plan that may have fewer nodes and less time than the scenario. */
export function generateSmallPlan(scenario: Scenario, seed: number): Plan {
  const { untilMs } = scenario
  const maxPeers = peerRange(scenario)[1]
  const minPeers = Math.min(maxPeers, scenario.minPeers ?? 2)
  const recoveryMs = scenario.recoveryMs ?? Math.ceil(untilMs / 3)
  const random = seededRandom(seed + 2 * PLAN_SEED_OFFSET)
  const maxRatio = Math.max(1, (untilMs - recoveryMs) / FAULTS_MS_MIN)
  const faultsMs = Math.ceil(FAULTS_MS_MIN * maxRatio ** random())
  const peerCount = minPeers + Math.floor(random() * (maxPeers - minPeers + 1))
  const plan = generatePlan(
    { ...scenario, peers: peerCount, untilMs: faultsMs + recoveryMs, recoveryMs },
    seed,
  )
  // A scenario with fixed commands may address nodes that only its full size has.
  return { ...plan, commands: plan.commands.filter(({ pid }) => pid <= peerCount) }
}

function peerRange({ peers }: Scenario): readonly [number, number] {
  return typeof peers === 'number' ? [peers, peers] : peers
}
