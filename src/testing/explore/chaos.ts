/** Generates random faults. */
import {
  CHAOS_KINDS,
  type ChaosKind,
  type ChaosOptions,
  checkChaosOptions,
} from './chaos-options.ts'
import { IDEAL_CONDITIONS } from '../simulation/network/conditions.ts'
import type { Random } from '../../base/seeded-random.ts'
import type { Conditions, Delay, Fault, TimedFault, Path } from '../simulation/faults/fault.ts'
import { defined } from '../../base/defined.ts'
import type { Pid } from '../../model/pid.ts'

const QUICK_RESTART_MS = 30

/**
 * Generates faults, each with its end: a partition heals, a crashed process restarts. Faults may
 * overlap; those that cannot happen then, such as a crash of a dead process, are left out. A `heal`
 * ends all faults of the network at once.
 *
 * @param random the same sequence of numbers gives the same faults
 * @returns the faults in the order of time; the last one ends by `untilMs`
 * @throws ClusterError `INVALID_ARGUMENT` for an option that is unknown or out of range
 */
export function chaos(random: Random, options: ChaosOptions): readonly TimedFault[] {
  checkChaosOptions(options)
  const { untilMs } = options
  const { kinds, everyMs, durationMs } = swarmProfile(random, options)
  const faults: TimedFault[] = []
  const randomMs = (meanMs: number): number => Math.ceil(-Math.log(1 - random()) * meanMs)
  // A gap is at least half of the mean, so that faults do not all coincide.
  const randomGapMs = (): number => Math.ceil(everyMs / 2) + randomMs(everyMs / 2)
  for (let atMs = randomGapMs(); atMs < untilMs; atMs += randomGapMs()) {
    const kind = randomItem(random, kinds)
    // Half of all crashes are restarted almost at once, as a supervisor does.
    const restartsAtOnce = (kind === 'crash' || kind === 'blackout') && random() < 0.5
    const endMs = Math.min(untilMs, atMs + randomMs(restartsAtOnce ? QUICK_RESTART_MS : durationMs))
    const [begin, end] = faultPair(kind, random, options)
    faults.push(...begin.map((fault) => ({ atMs, fault })))
    faults.push(...end.map((fault) => ({ atMs: endMs, fault })))
  }
  return possibleFaults(faults.toSorted((a, b) => a.atMs - b.atMs))
}

/** Leaves out faults that cannot happen where others overlap: a crash of a dead process. */
function possibleFaults(faults: readonly TimedFault[]): readonly TimedFault[] {
  const dead = new Set<Pid>()
  return faults.filter(({ fault }) => {
    switch (fault.type) {
      case 'crash':
        return !dead.has(fault.pid) && dead.add(fault.pid)
      case 'restart':
        return dead.delete(fault.pid)
      case 'pause':
      case 'skew':
        return !dead.has(fault.pid)
      default:
        return true
    }
  })
}

interface SwarmProfile {
  readonly kinds: readonly ChaosKind[]
  readonly everyMs: number
  readonly durationMs: number
}

function swarmProfile(
  random: Random,
  { swarm = true, everyMs = 2_000, durationMs = 1_000, ...options }: ChaosOptions,
): SwarmProfile {
  const kinds = options.kinds ?? CHAOS_KINDS.filter((kind) => kind !== 'skew')
  if (!swarm) return { kinds, everyMs, durationMs }
  const selected = kinds.filter(() => random() < 0.5)
  return {
    kinds: selected.length === 0 ? [randomItem(random, kinds)] : selected,
    everyMs: everyMs * 2 ** (2 * random() - 1),
    durationMs: durationMs * 2 ** (4 * random() - 3),
  }
}

/** The faults that start a disturbance, and those that end it. */
type FaultPair = readonly [begin: readonly Fault[], end: readonly Fault[]]

function faultPair(kind: ChaosKind, random: Random, options: ChaosOptions): FaultPair {
  const pids = Array.from({ length: options.peers }, (_, index) => index + 1)
  const normal = { ...IDEAL_CONDITIONS, ...defined(options.conditions) }
  const fraction = (max: number): number => Math.ceil(random() * max * 100) / 100
  switch (kind) {
    case 'loss':
      return shapeFaults(random, pids, { drop: fraction(0.5) }, { drop: normal.drop })
    case 'duplication':
      return shapeFaults(
        random,
        pids,
        { duplicate: fraction(0.5) },
        { duplicate: normal.duplicate },
      )
    case 'reordering':
      return shapeFaults(random, pids, { reorder: fraction(0.5) }, { reorder: normal.reorder })
    case 'delay':
      return shapeFaults(
        random,
        pids,
        { delay: randomDelay(random, options) },
        { delay: normal.delay },
      )
    case 'partition':
      return [[{ type: 'partition', groups: randomSplit(random, pids) }], [{ type: 'heal' }]]
    case 'cut':
    case 'one-way': {
      const [from, to] = randomPair(random, pids)
      if (from === to) return [[], []]
      const path = { from, to, both: kind === 'cut' }
      return [[{ type: 'cut', ...path }], [{ type: 'restore', ...path }]]
    }
    case 'reset': {
      const [from, to] = randomPair(random, pids)
      return [from === to ? [] : [{ type: 'reset', from, to }], []]
    }
    case 'pause': {
      const pid = randomItem(random, pids)
      return [[{ type: 'pause', pid }], [{ type: 'resume', pid }]]
    }
    case 'crash':
      return crashFaults([randomItem(random, pids)])
    case 'blackout':
      return crashFaults(randomSplit(random, pids)[0] ?? [])
    case 'skew': {
      const pid = randomItem(random, pids)
      const rate = 1 + Math.round((2 * random() - 1) * (options.skew ?? 0.05) * 100) / 100
      const skew = { type: 'skew', pid, offsetMs: 0 } as const
      return [[{ ...skew, rate }], [{ ...skew, rate: 1 }]]
    }
  }
}

function crashFaults(pids: readonly Pid[]): FaultPair {
  return [
    pids.map((pid) => ({ type: 'crash', pid })),
    pids.map((pid) => ({ type: 'restart', pid })),
  ]
}

function shapeFaults(
  random: Random,
  pids: readonly Pid[],
  degraded: Partial<Conditions>,
  normal: Partial<Conditions>,
): FaultPair {
  const [from, to] = randomPair(random, pids)
  const path: Path = random() < 0.5 ? {} : { from, to }
  return [
    [{ type: 'shape', path, conditions: degraded }],
    [{ type: 'shape', path, conditions: normal }],
  ]
}

function randomDelay(random: Random, { delayMs = 100 }: ChaosOptions): Delay {
  const maxMs = Math.ceil(random() * delayMs)
  if (random() < 0.5) return { kind: 'uniform', fromMs: 1, toMs: maxMs + 1 }
  return { kind: 'exponential', meanMs: Math.max(1, Math.ceil(maxMs / 4)) }
}

/** Splits the pids into two random groups; with two pids or more, neither is empty. */
function randomSplit(random: Random, pids: readonly Pid[]): readonly (readonly Pid[])[] {
  const shuffled = [...pids]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const pid = shuffled[last] as Pid
    shuffled[last] = shuffled[other] as Pid
    shuffled[other] = pid
  }
  const size = 1 + Math.floor(random() * (pids.length - 1))
  return [shuffled.slice(0, size), shuffled.slice(size)].map((group) =>
    group.toSorted((a, b) => a - b),
  )
}

function randomPair(random: Random, pids: readonly Pid[]): [Pid, Pid] {
  const from = randomItem(random, pids)
  const others = pids.filter((pid) => pid !== from)
  return [from, others.length === 0 ? from : randomItem(random, others)]
}

function randomItem<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T
}
