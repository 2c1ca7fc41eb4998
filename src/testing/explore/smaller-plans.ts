/**
 * Generates simpler variants of a plan: fewer events or nodes, simpler faults, shorter or rounded
 * times.
 */
import type { PlanCommand, Plan } from './plan.ts'
import type { Delay, Fault, TimedFault } from '../simulation/faults/fault.ts'
import type { Pid } from '../../model/pid.ts'
import type { TraceEvent } from '../../recording/trace-event.ts'
import type { Violation } from '../simulation/world.ts'

/** A fault or a command of a plan. */
export type PlanEvent = { readonly fault: TimedFault } | { readonly command: PlanCommand }

/**
 * Removes the events after a violation. A plan that was healed before keeps its end, because what
 * must happen after the recovery needs that time.
 */
export function truncateAtViolation(plan: Plan, { atMs }: Violation): Plan {
  const { healedMs, ...rest } = plan
  const healed = healedMs !== undefined && healedMs <= atMs
  const isBeforeViolation = (event: { readonly atMs: number }): boolean => event.atMs <= atMs
  return {
    ...rest,
    ...(healed ? { healedMs } : { untilMs: Math.min(plan.untilMs, Math.ceil(atMs)) }),
    faults: plan.faults.filter(isBeforeViolation).toSorted(byTime),
    commands: plan.commands.filter(isBeforeViolation).toSorted(byTime),
  }
}

function byTime(a: { readonly atMs: number }, b: { readonly atMs: number }): number {
  return a.atMs - b.atMs
}

/** Returns the faults and commands of a plan. */
export function planEventsOf({ faults, commands }: Plan): readonly PlanEvent[] {
  return [...faults.map((fault) => ({ fault })), ...commands.map((command) => ({ command }))]
}

/** Returns the time of an event, in milliseconds from the start. */
export function timeOf(event: PlanEvent): number {
  return 'fault' in event ? event.fault.atMs : event.command.atMs
}

/** Returns the plan with these events only. */
export function withPlanEvents(plan: Plan, events: readonly PlanEvent[]): Plan {
  return {
    ...plan,
    faults: events.flatMap((event) => ('fault' in event ? [event.fault] : [])),
    commands: events.flatMap((event) => ('command' in event ? [event.command] : [])),
  }
}

/** Yields each plan with one node removed; the nodes after it are renumbered. */
export function* fewerPeers(plan: Plan): Iterable<Plan> {
  for (let removed = plan.peers; removed >= 1; removed--) {
    const renumber = (pid: Pid): Pid | undefined =>
      pid === removed ? undefined : pid > removed ? pid - 1 : pid
    yield {
      ...plan,
      peers: plan.peers - 1,
      faults: plan.faults.flatMap(({ atMs, fault }) => {
        const renumbered = renumberFault(fault, renumber)
        return renumbered === undefined ? [] : [{ atMs, fault: renumbered }]
      }),
      commands: plan.commands.flatMap((command) => {
        const pid = renumber(command.pid)
        return pid === undefined ? [] : [{ ...command, pid }]
      }),
    }
  }
}

function renumberFault(fault: Fault, renumber: (pid: Pid) => Pid | undefined): Fault | undefined {
  switch (fault.type) {
    case 'heal':
      return fault
    case 'partition': {
      const groups = fault.groups.map((group) =>
        group.map(renumber).filter((pid) => pid !== undefined),
      )
      return groups.every((group) => group.length > 0) ? { ...fault, groups } : undefined
    }
    case 'shape': {
      const { from, to } = fault.path
      const path = {
        ...(from === undefined ? {} : { from: renumber(from) }),
        ...(to === undefined ? {} : { to: renumber(to) }),
      }
      if (Object.values(path).includes(undefined)) return undefined
      return { ...fault, path: path as { from?: Pid; to?: Pid } }
    }
    case 'cut':
    case 'restore':
    case 'reset': {
      const from = renumber(fault.from)
      const to = renumber(fault.to)
      return from === undefined || to === undefined ? undefined : { ...fault, from, to }
    }
    default: {
      const pid = renumber(fault.pid)
      return pid === undefined ? undefined : { ...fault, pid }
    }
  }
}

/** Yields plans with shorter gaps between events, starting with the gap before the first. */
export function* compressTime(plan: Plan): Iterable<Plan> {
  const times = timesOf(plan)
  for (const fraction of [1, 0.5, 0.25, 0.1]) {
    for (const [index, atMs] of times.entries()) {
      const gapMs = atMs - (times[index - 1] ?? 0)
      const savedMs = Math.floor(gapMs * fraction)
      if (savedMs >= 1)
        yield mapTimes(plan, (timeMs) => (timeMs >= atMs ? timeMs - savedMs : timeMs))
    }
  }
}

/**
 * Yields plans in which an event, and all after it, come whole rounds of a timer earlier. The event
 * keeps its distance to the timer that fired before it, because a failure may depend on that.
 *
 * @param trace what happened under the plan
 */
export function* earlierRounds(plan: Plan, trace: readonly TraceEvent[]): Iterable<Plan> {
  const timers = new Map<Pid, number[]>()
  for (const event of trace) {
    if (event.type !== 'timer') continue
    const ofProcess = timers.get(event.pid)
    if (ofProcess === undefined) timers.set(event.pid, [event.atMs])
    else ofProcess.push(event.atMs)
  }
  const times = timesOf(plan)
  for (const [index, atMs] of times.entries()) {
    const afterMs = times[index - 1] ?? 0
    const savings = new Set<number>()
    for (const ofProcess of timers.values()) {
      const rounds = ofProcess.filter((firedMs) => firedMs > afterMs && firedMs <= atMs)
      const lastMs = rounds.at(-1) ?? 0
      const middle = Math.floor(rounds.length / 2)
      for (const firedMs of [...rounds.slice(0, FIRST_ROUNDS), ...rounds.slice(middle, middle + 1)])
        savings.add(Math.round(lastMs - firedMs))
    }
    for (const savedMs of [...savings].toSorted((a, b) => b - a)) {
      if (savedMs >= 1)
        yield mapTimes(plan, (timeMs) => (timeMs >= atMs ? timeMs - savedMs : timeMs))
    }
  }
}

/** Number of rounds of each process that are tried as the one before an event. */
const FIRST_ROUNDS = 3

/** Yields plans in which one time is rounded. */
export function* roundTimes(plan: Plan): Iterable<Plan> {
  for (const unitMs of [1_000, 100, 10]) {
    for (const atMs of timesOf(plan)) {
      const roundedMs = Math.round(atMs / unitMs) * unitMs
      if (roundedMs !== atMs)
        yield mapTimes(plan, (timeMs) => (timeMs === atMs ? roundedMs : timeMs))
    }
  }
}

/** Yields plans in which the delay or one fault is simpler, and one that is never healed. */
export function* simplifyFaults(plan: Plan): Iterable<Plan> {
  const { healedMs, ...rest } = plan
  if (healedMs !== undefined) yield rest
  const { delay, ...withoutDelay } = plan
  if (delay !== undefined) {
    yield withoutDelay
    if (delay.kind !== 'fixed') yield { ...plan, delay: fixedDelay(delay) }
  }
  for (const [index, timed] of plan.faults.entries()) {
    for (const fault of simplerVariants(timed.fault)) {
      yield { ...plan, faults: plan.faults.with(index, { ...timed, fault }) }
    }
  }
}

function* simplerVariants(fault: Fault): Iterable<Fault> {
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
    yield { ...fault, conditions: { ...fault.conditions, delay: fixedDelay(delay) } }
  }
}

function fixedDelay(delay: Exclude<Delay, { readonly kind: 'fixed' }>): Delay {
  return { kind: 'fixed', ms: delay.kind === 'uniform' ? delay.toMs : delay.meanMs }
}

/** Returns the distinct times of all events and of the healing, in order. */
function timesOf({ faults, commands, healedMs }: Plan): readonly number[] {
  const times = [...faults, ...commands].map(({ atMs }) => atMs)
  return [...new Set(healedMs === undefined ? times : [...times, healedMs])].toSorted(
    (a, b) => a - b,
  )
}

/** Maps every time; the time after the healing keeps its length. */
function mapTimes(plan: Plan, mapTime: (atMs: number) => number): Plan {
  const { healedMs, ...rest } = plan
  const withMappedTime = <T extends TimedFault | PlanCommand>(event: T): T => ({
    ...event,
    atMs: mapTime(event.atMs),
  })
  const healed = healedMs === undefined ? {} : { healedMs: mapTime(healedMs) }
  const savedMs = healedMs === undefined ? 0 : healedMs - mapTime(healedMs)
  return {
    ...rest,
    ...healed,
    untilMs: plan.untilMs - savedMs,
    faults: plan.faults.map(withMappedTime),
    commands: plan.commands.map(withMappedTime),
  }
}
