/** Mutates a plan: one step of the random search for a smaller failure. */
import type { Random } from '../../base/seeded-random.ts'
import {
  type PlanEvent,
  fewerPeers,
  planEventsOf,
  timeOf,
  withPlanEvents,
} from './smaller-plans.ts'
import type { Plan } from './plan.ts'

/** With another seed, the same failure may happen a little later. */
const TIME_FACTOR = 1.25
/** Short seeds keep the replay line readable. */
const SEED_MAX = 10_000

/**
 * Returns a plan that differs in one change: an event is moved or removed, or a node is removed.
 * The seed usually differs, too. The plan never gets more events, and keeps its time to recover.
 *
 * @param minPeers the minimum number of nodes
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

/** Moves an event to the time of another one, near its own time, or anywhere. */
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
