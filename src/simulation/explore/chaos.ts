/** Chaos: faults at random, from a seed. */
import type { Chance } from '../../core/chance.ts'
import type { Conditions, Delay, Fault, TimedFault, Way } from '../fault.ts'
import type { Pid } from '../../model/pid.ts'

/** What can go wrong. */
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
 * One kind of trouble. A `partition` makes two groups; a `cut` is between two nodes that others
 * still reach; `one-way` is one direction of it. A `blackout` crashes several nodes at one moment.
 */
export type ChaosKind = (typeof CHAOS_KINDS)[number]

/** How much goes wrong, and when. */
export interface ChaosOptions {
  /** How many nodes there are: 1, 2, … */
  readonly peers: number
  /** Nothing goes wrong from then on, in milliseconds from the beginning. */
  readonly untilMs: number
  /** Default: all but `skew`, which few protocols promise to bear. */
  readonly kinds?: readonly ChaosKind[]
  /** How often trouble begins, on average, in milliseconds. Default: 2,000. */
  readonly everyMs?: number
  /** How long it lasts, on average, in milliseconds. Default: 1,000. */
  readonly lastsMs?: number
  /** The longest delay of a frame, in milliseconds. Default: 100. */
  readonly delayMs?: number
  /** By how much a clock runs fast or slow at most. Default: 0.05, a twentieth. */
  readonly skew?: number
  /**
   * Each seed has a temper of its own: some kinds of trouble and not others, rarer or thicker,
   * shorter or longer (swarm testing, Groce et al. 2012). Default: true.
   */
  readonly swarm?: boolean
  /** What a direction is like without trouble. Default: 1 ms, and nothing goes wrong. */
  readonly conditions?: Partial<Conditions>
}

const RESTART_MS = 30

const PEACE: Conditions = {
  delay: { kind: 'fixed', ms: 1 },
  drop: 0,
  duplicate: 0,
  reorder: 0,
  bandwidth: Infinity,
}

/**
 * Draws faults, each with its end: a partition heals, a process starts again. The same dice throw
 * the same faults. Troubles overlap; a healing ends all troubles of the network at once.
 *
 * @param chance the dice
 * @returns in the order of time; what lasts longest ends at `untilMs`
 */
export function chaos(chance: Chance, options: ChaosOptions): readonly TimedFault[] {
  const { untilMs } = options
  const { kinds, everyMs, lastsMs } = temper(chance, options)
  const faults: TimedFault[] = []
  const about = (meanMs: number): number => Math.ceil(-Math.log(1 - chance()) * meanMs)
  // Half of the mean is certain, so that trouble is neither all at once nor never.
  const pause = (): number => Math.ceil(everyMs / 2) + about(everyMs / 2)
  for (let atMs = pause(); atMs < untilMs; atMs += pause()) {
    const kind = pick(chance, kinds)
    // Who crashes is often started again at once.
    const atOnce = (kind === 'crash' || kind === 'blackout') && chance() < 0.5
    const endMs = Math.min(untilMs, atMs + about(atOnce ? RESTART_MS : lastsMs))
    const [begin, end] = trouble(kind, chance, options)
    faults.push(...begin.map((fault) => ({ atMs, fault })))
    faults.push(...end.map((fault) => ({ atMs: endMs, fault })))
  }
  return faults.toSorted((a, b) => a.atMs - b.atMs)
}

function temper(
  chance: Chance,
  { swarm = true, everyMs = 2_000, lastsMs = 1_000, ...options }: ChaosOptions,
): Required<Pick<ChaosOptions, 'kinds' | 'everyMs' | 'lastsMs'>> {
  const kinds = options.kinds ?? CHAOS_KINDS.filter((kind) => kind !== 'skew')
  if (!swarm) return { kinds, everyMs, lastsMs }
  const some = kinds.filter(() => chance() < 0.5)
  return {
    kinds: some.length === 0 ? [pick(chance, kinds)] : some,
    everyMs: everyMs * 2 ** (2 * chance() - 1),
    lastsMs: lastsMs * 2 ** (4 * chance() - 3),
  }
}

/** How trouble begins, and how it ends. */
type Trouble = readonly [begin: readonly Fault[], end: readonly Fault[]]

function trouble(kind: ChaosKind, chance: Chance, options: ChaosOptions): Trouble {
  const pids = Array.from({ length: options.peers }, (_, index) => index + 1)
  const peace = { ...PEACE, ...options.conditions }
  const part = (most: number): number => Math.ceil(chance() * most * 100) / 100
  switch (kind) {
    case 'loss':
      return shaped(chance, pids, { drop: part(0.5) }, { drop: peace.drop })
    case 'duplication':
      return shaped(chance, pids, { duplicate: part(0.5) }, { duplicate: peace.duplicate })
    case 'reordering':
      return shaped(chance, pids, { reorder: part(0.5) }, { reorder: peace.reorder })
    case 'delay':
      return shaped(chance, pids, { delay: slow(chance, options) }, { delay: peace.delay })
    case 'partition':
      return [[{ type: 'partition', groups: split(chance, pids) }], [{ type: 'heal' }]]
    case 'cut':
    case 'one-way': {
      const [from, to] = pair(chance, pids)
      const way = { from, to, both: kind === 'cut' }
      return [[{ type: 'cut', ...way }], [{ type: 'mend', ...way }]]
    }
    case 'reset': {
      const [from, to] = pair(chance, pids)
      return [[{ type: 'reset', from, to }], []]
    }
    case 'pause': {
      const pid = pick(chance, pids)
      return [[{ type: 'pause', pid }], [{ type: 'resume', pid }]]
    }
    case 'crash':
      return outage([pick(chance, pids)])
    case 'blackout':
      return outage(split(chance, pids)[0] ?? [])
    case 'skew': {
      const pid = pick(chance, pids)
      const rate = 1 + Math.round((2 * chance() - 1) * (options.skew ?? 0.05) * 100) / 100
      const skew = { type: 'skew', pid, offsetMs: 0 } as const
      return [[{ ...skew, rate }], [{ ...skew, rate: 1 }]]
    }
  }
}

function outage(pids: readonly Pid[]): Trouble {
  return [
    pids.map((pid) => ({ type: 'crash', pid })),
    pids.map((pid) => ({ type: 'restart', pid })),
  ]
}

function shaped(
  chance: Chance,
  pids: readonly Pid[],
  harm: Partial<Conditions>,
  peace: Partial<Conditions>,
): Trouble {
  const [from, to] = pair(chance, pids)
  const way: Way = chance() < 0.5 ? {} : { from, to }
  return [[{ type: 'shape', way, conditions: harm }], [{ type: 'shape', way, conditions: peace }]]
}

function slow(chance: Chance, { delayMs = 100 }: ChaosOptions): Delay {
  const most = Math.ceil(chance() * delayMs)
  if (chance() < 0.5) return { kind: 'uniform', fromMs: 1, toMs: most + 1 }
  return { kind: 'exponential', meanMs: Math.max(1, Math.ceil(most / 4)) }
}

/** Two groups, neither of them empty. */
function split(chance: Chance, pids: readonly Pid[]): readonly (readonly Pid[])[] {
  const shuffled = [...pids]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(chance() * (last + 1))
    const pid = shuffled[last] as Pid
    shuffled[last] = shuffled[other] as Pid
    shuffled[other] = pid
  }
  const size = 1 + Math.floor(chance() * (pids.length - 1))
  return [shuffled.slice(0, size), shuffled.slice(size)].map((group) =>
    group.toSorted((a, b) => a - b),
  )
}

function pair(chance: Chance, pids: readonly Pid[]): [Pid, Pid] {
  const from = pick(chance, pids)
  const others = pids.filter((pid) => pid !== from)
  return [from, others.length === 0 ? from : pick(chance, others)]
}

function pick<T>(chance: Chance, list: readonly T[]): T {
  return list[Math.floor(chance() * list.length)] as T
}
