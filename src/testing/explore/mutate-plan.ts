/** Plans that are a step away from another plan. */
import type { Random } from '../../base/seeded-random.ts'
import {
  type PlanEvent,
  fewerPeers,
  planEventsOf,
  timeOf,
  withPlanEvents,
} from './smaller-plans.ts'
import type { Plan } from './plan.ts'

/** The same may fail a little later under other dice. */
const TIME_FACTOR = 1.25
/** Seeds that are short enough to be read aloud. */
const SEED_MAX = 10_000

/**
 * Draws a plan that differs in one thing, and mostly in its seed: something happens at another
 * moment, or not at all, or there is one node less. It never does more than the plan did, and what
 * has to come to be after the healing has the same time.
 *
 * @param minPeers there are never fewer nodes
 */
export function mutatePlan(random: Random, plan: Plan, minPeers: number): Plan {
  const events = planEventsOf(plan)
  const index = Math.floor(random() * events.length)
  const event = events[index]
  const seed = random() < 0.75 ? 1 + Math.floor(random() * SEED_MAX) : plan.seed
  const { healedMs, untilMs } = plan
  const endMs = healedMs ?? Math.ceil(untilMs * TIME_FACTOR)
  const candidate = { ...plan, seed, ...(healedMs === undefined ? { untilMs: endMs } : {}) }
  const choice = random()
  if (choice < 0.1 && plan.peers > minPeers) {
    const fewer = [...fewerPeers(candidate)]
    return fewer[Math.floor(random() * fewer.length)] ?? candidate
  }
  if (event === undefined || choice < 0.4)
    return { ...candidate, seed: 1 + Math.floor(random() * SEED_MAX) }
  if (choice < 0.5) return withPlanEvents(candidate, events.toSpliced(index, 1))
  return withPlanEvents(candidate, events.with(index, moveEvent(event, random, events, endMs)))
}

/** At another moment: before, after, or together with something else. */
function moveEvent(
  event: PlanEvent,
  random: Random,
  events: readonly PlanEvent[],
  endMs: number,
): PlanEvent {
  const atMs = timeOf(event)
  const choice = random()
  const otherEvent = events[Math.floor(random() * events.length)] ?? event
  const nearMs = Math.round(atMs * (0.5 + random()))
  const targetMs =
    choice < 0.3 ? timeOf(otherEvent) : choice < 0.7 ? nearMs : Math.floor(random() * endMs)
  const newAtMs = Math.min(targetMs, endMs)
  return 'fault' in event
    ? { fault: { ...event.fault, atMs: newAtMs } }
    : { command: { ...event.command, atMs: newAtMs } }
}
