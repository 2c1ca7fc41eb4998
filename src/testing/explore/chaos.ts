/** Generates random faults. */
import { IDEAL_CONDITIONS } from '../simulation/network/conditions.ts'
import type { Random } from '../../base/seeded-random.ts'
import type { Conditions, Delay, Fault, TimedFault, Path } from '../simulation/faults/fault.ts'
import type { Pid } from '../../model/pid.ts'

/** Every kind of fault that `chaos` generates. */
export const CHAOS_KINDS = [
  'loss',
  'duplication',
  'reordering',
  'delay',
  'partition',
  'cut',
  'one-way',
  'reset',
  'pause',
  'crash',
  'blackout',
  'skew',
] as const

/**
 * A kind of fault. A `partition` separates two groups of nodes, a `cut` two nodes that the others
 * still reach, and `one-way` one direction between two nodes. A `blackout` crashes several nodes at
 * the same time.
 */
export type ChaosKind = (typeof CHAOS_KINDS)[number]

/** How many faults are generated, of which kinds, and when. */
export interface ChaosOptions {
  /** Number of nodes: their pids are 1, 2, … */
  readonly peers: number
  /** Every fault has ended by then, in milliseconds from the start. */
  readonly untilMs: number
  /** Default: all but `skew`, which few protocols tolerate. */
  readonly kinds?: readonly ChaosKind[]
  /** Mean time between the starts of two faults, in milliseconds. Default: 2,000. */
  readonly everyMs?: number
  /** Mean duration of a fault, in milliseconds. Default: 1,000. */
  readonly durationMs?: number
  /** Maximum delay of a frame, in milliseconds. Default: 100. */
  readonly delayMs?: number
  /** Maximum deviation of a clock's rate from 1. Default: 0.05. */
  readonly skew?: number
  /**
   * Swarm testing (Groce et al. 2012): each seed uses a random subset of `kinds`, and its own mean
   * gap and duration. Default: true.
   */
  readonly swarm?: boolean
  /** Network conditions without a fault. Default: a delay of 1 ms, and no loss. */
  readonly conditions?: Partial<Conditions>
}

const QUICK_RESTART_MS = 30

/**
 * Generates faults, each with its end: a partition heals, a crashed process restarts. Faults may
 * overlap. A `heal` ends all faults of the network at once.
 *
 * @param random the same sequence of numbers gives the same faults
 * @returns the faults in the order of time; the last one ends by `untilMs`
 */
export function chaos(random: Random, options: ChaosOptions): readonly TimedFault[] {
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
  return faults.toSorted((a, b) => a.atMs - b.atMs)
}

function swarmProfile(
  random: Random,
  { swarm = true, everyMs = 2_000, durationMs = 1_000, ...options }: ChaosOptions,
): Required<Pick<ChaosOptions, 'kinds' | 'everyMs' | 'durationMs'>> {
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
  const normal = { ...IDEAL_CONDITIONS, ...options.conditions }
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
      const path = { from, to, both: kind === 'cut' }
      return [[{ type: 'cut', ...path }], [{ type: 'restore', ...path }]]
    }
    case 'reset': {
      const [from, to] = randomPair(random, pids)
      return [[{ type: 'reset', from, to }], []]
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
