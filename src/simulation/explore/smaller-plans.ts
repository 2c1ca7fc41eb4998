/** Plans that are like another plan, and easier to read. */
import type { PlanCommand, Plan } from './plan.ts'
import type { Fault, TimedFault } from '../fault.ts'
import type { Pid } from '../../model/pid.ts'
import type { Violation } from '../world.ts'

/** Something that happens at a moment of the plan. */
export type Item = { readonly fault: TimedFault } | { readonly command: PlanCommand }

/**
 * The plan up to its violation: what would come after it never happens. A plan that was healed
 * before lasts as long as it did: what is to come to be after the healing has its time.
 */
export function cut(plan: Plan, { atMs }: Violation): Plan {
  const { healedMs, ...rest } = plan
  const healed = healedMs !== undefined && healedMs <= atMs
  const before = (item: { readonly atMs: number }): boolean => item.atMs <= atMs
  return {
    ...rest,
    ...(healed ? { healedMs } : { untilMs: Math.min(plan.untilMs, Math.ceil(atMs)) }),
    faults: plan.faults.filter(before).toSorted(byTime),
    commands: plan.commands.filter(before).toSorted(byTime),
  }
}

function byTime(a: { readonly atMs: number }, b: { readonly atMs: number }): number {
  return a.atMs - b.atMs
}

/** Everything that is done to a cluster. */
export function itemsOf({ faults, commands }: Plan): readonly Item[] {
  return [...faults.map((fault) => ({ fault })), ...commands.map((command) => ({ command }))]
}

/** When it happens, in milliseconds from the beginning. */
export function momentOf(item: Item): number {
  return 'fault' in item ? item.fault.atMs : item.command.atMs
}

/** The plan in which only that is done. */
export function withItems(plan: Plan, items: readonly Item[]): Plan {
  return {
    ...plan,
    faults: items.flatMap((item) => ('fault' in item ? [item.fault] : [])),
    commands: items.flatMap((item) => ('command' in item ? [item.command] : [])),
  }
}

/** Each plan with one node less; those behind it move up. */
export function* fewerPeers(plan: Plan): Iterable<Plan> {
  for (let gone = plan.peers; gone >= 1; gone--) {
    const move = (pid: Pid): Pid | undefined =>
      pid === gone ? undefined : pid > gone ? pid - 1 : pid
    yield {
      ...plan,
      peers: plan.peers - 1,
      faults: plan.faults.flatMap(({ atMs, fault }) => {
        const left = moved(fault, move)
        return left === undefined ? [] : [{ atMs, fault: left }]
      }),
      commands: plan.commands.flatMap((command) => {
        const pid = move(command.pid)
        return pid === undefined ? [] : [{ ...command, pid }]
      }),
    }
  }
}

function moved(fault: Fault, move: (pid: Pid) => Pid | undefined): Fault | undefined {
  switch (fault.type) {
    case 'heal':
      return fault
    case 'partition': {
      const groups = fault.groups.map((group) => group.map(move).filter((pid) => pid !== undefined))
      return groups.every((group) => group.length > 0) ? { ...fault, groups } : undefined
    }
    case 'shape': {
      const { from, to } = fault.way
      const way = {
        ...(from === undefined ? {} : { from: move(from) }),
        ...(to === undefined ? {} : { to: move(to) }),
      }
      if (Object.values(way).includes(undefined)) return undefined
      return { ...fault, way: way as { from?: Pid; to?: Pid } }
    }
    case 'cut':
    case 'mend':
    case 'reset': {
      const from = move(fault.from)
      const to = move(fault.to)
      return from === undefined || to === undefined ? undefined : { ...fault, from, to }
    }
    default: {
      const pid = move(fault.pid)
      return pid === undefined ? undefined : { ...fault, pid }
    }
  }
}

/** Plans in which less time passes: before the first thing that happens, then between others. */
export function* earlier(plan: Plan): Iterable<Plan> {
  const moments = momentsOf(plan)
  for (const part of [1, 0.5, 0.25, 0.1]) {
    for (const [index, atMs] of moments.entries()) {
      const gap = atMs - (moments[index - 1] ?? 0)
      const less = Math.floor(gap * part)
      if (less >= 1) yield shifted(plan, (one) => (one >= atMs ? one - less : one))
    }
  }
}

/** Plans with rounder moments. */
export function* rounded(plan: Plan): Iterable<Plan> {
  for (const grain of [1_000, 100, 10]) {
    for (const atMs of momentsOf(plan)) {
      const round = Math.round(atMs / grain) * grain
      if (round !== atMs) yield shifted(plan, (one) => (one === atMs ? round : one))
    }
  }
}

/** Plans in which one fault is a simpler one, or that are never healed. */
export function* simpler(plan: Plan): Iterable<Plan> {
  const { healedMs, ...rest } = plan
  if (healedMs !== undefined) yield rest
  for (const [index, timed] of plan.faults.entries()) {
    for (const fault of simplerFaults(timed.fault)) {
      yield { ...plan, faults: plan.faults.with(index, { ...timed, fault }) }
    }
  }
}

function* simplerFaults(fault: Fault): Iterable<Fault> {
  if (fault.type !== 'shape') return
  const { delay, drop, duplicate, reorder } = fault.conditions
  if (drop !== undefined && drop > 0 && drop < 1) {
    yield { ...fault, conditions: { ...fault.conditions, drop: 1 } }
  }
  if (duplicate !== undefined && duplicate > 0 && duplicate < 1) {
    yield { ...fault, conditions: { ...fault.conditions, duplicate: 1 } }
  }
  if (reorder !== undefined && reorder > 0 && reorder < 1) {
    yield { ...fault, conditions: { ...fault.conditions, reorder: 1 } }
  }
  if (delay !== undefined && delay.kind !== 'fixed') {
    const ms = delay.kind === 'uniform' ? delay.toMs : delay.meanMs
    yield { ...fault, conditions: { ...fault.conditions, delay: { kind: 'fixed', ms } } }
  }
}

/** When something happens, in order, each moment once; the healing counts as one. */
function momentsOf({ faults, commands, healedMs }: Plan): readonly number[] {
  const all = [...faults, ...commands].map(({ atMs }) => atMs)
  return [...new Set(healedMs === undefined ? all : [...all, healedMs])].toSorted((a, b) => a - b)
}

/** Moves every moment; the time after the healing stays as long as it was. */
function shifted(plan: Plan, move: (atMs: number) => number): Plan {
  const { healedMs, ...rest } = plan
  const at = <T extends TimedFault | PlanCommand>(item: T): T => ({
    ...item,
    atMs: move(item.atMs),
  })
  const healed = healedMs === undefined ? {} : { healedMs: move(healedMs) }
  const saved = healedMs === undefined ? 0 : healedMs - move(healedMs)
  return {
    ...rest,
    ...healed,
    untilMs: plan.untilMs - saved,
    faults: plan.faults.map(at),
    commands: plan.commands.map(at),
  }
}
