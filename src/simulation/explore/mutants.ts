/** Plans that are a step away from another plan. */
import type { Chance } from '../../core/chance.ts'
import { type Item, fewerPeers, itemsOf, momentOf, withItems } from './smaller-plans.ts'
import type { Plan } from './plan.ts'

/** The same may fail a little later under other dice. */
const SLACK = 1.25
/** Seeds that are short enough to be read aloud. */
const SEEDS = 10_000

/**
 * Draws a plan that differs in one thing, and mostly in its seed: something happens at another
 * moment, or not at all, or there is one node less. It never does more than the plan did, and what
 * has to come to be after the healing has the same time.
 *
 * @param peersLeast there are never fewer nodes
 */
export function mutant(chance: Chance, plan: Plan, peersLeast: number): Plan {
  const items = itemsOf(plan)
  const index = Math.floor(chance() * items.length)
  const item = items[index]
  const seed = chance() < 0.75 ? 1 + Math.floor(chance() * SEEDS) : plan.seed
  const { healedMs, untilMs } = plan
  const endMs = healedMs ?? Math.ceil(untilMs * SLACK)
  const other = { ...plan, seed, ...(healedMs === undefined ? { untilMs: endMs } : {}) }
  const way = chance()
  if (way < 0.1 && plan.peers > peersLeast) {
    const fewer = [...fewerPeers(other)]
    return fewer[Math.floor(chance() * fewer.length)] ?? other
  }
  if (item === undefined || way < 0.4) return { ...other, seed: 1 + Math.floor(chance() * SEEDS) }
  if (way < 0.5) return withItems(other, items.toSpliced(index, 1))
  return withItems(other, items.with(index, moved(item, chance, items, endMs)))
}

/** At another moment: before, after, or together with something else. */
function moved(item: Item, chance: Chance, items: readonly Item[], endMs: number): Item {
  const atMs = momentOf(item)
  const way = chance()
  const beside = items[Math.floor(chance() * items.length)] ?? item
  const near = Math.round(atMs * (0.5 + chance()))
  const to = way < 0.3 ? momentOf(beside) : way < 0.7 ? near : Math.floor(chance() * endMs)
  const inTime = Math.min(to, endMs)
  return 'fault' in item
    ? { fault: { ...item.fault, atMs: inTime } }
    : { command: { ...item.command, atMs: inTime } }
}
