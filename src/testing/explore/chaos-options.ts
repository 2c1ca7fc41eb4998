/** The options of `chaos`: how many faults, of which kinds, and when. */
import {
  A_BOOLEAN,
  type Rule,
  checkOptions,
  integerFrom,
  numberFrom,
} from '../../model/check-arguments.ts'
import type { Conditions } from '../simulation/faults/fault.ts'
import type { OptionalFields } from '../../base/defined.ts'
import { checkLimitsAndConditions } from '../simulation/check-options.ts'

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
  readonly kinds?: readonly ChaosKind[] | undefined
  /** Mean time between the starts of two faults, in milliseconds. Default: 2,000. */
  readonly everyMs?: number | undefined
  /** Mean duration of a fault, in milliseconds. Default: 1,000. */
  readonly durationMs?: number | undefined
  /** Maximum delay of a frame, in milliseconds. Default: 100. */
  readonly delayMs?: number | undefined
  /** Maximum deviation of a clock's rate from 1. Default: 0.05. */
  readonly skew?: number | undefined
  /**
   * Swarm testing (Groce et al. 2012): each seed uses a random subset of `kinds`, and its own mean
   * gap and duration. Default: true.
   */
  readonly swarm?: boolean | undefined
  /** Network conditions without a fault. Default: a delay of 1 ms, and no loss. */
  readonly conditions?: OptionalFields<Conditions> | undefined
}

const ANYTHING: Rule = { expected: 'anything', accepts: () => true }
/** Longer runs take hours of real time. */
const MS_MAX = 2 ** 40
const KINDS: Rule = {
  expected: `a list of ${CHAOS_KINDS.join(', ')}`,
  accepts: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((kind) => CHAOS_KINDS.some((known) => known === kind)),
}
/** Options of `chaos`, beside the number of nodes and the time. */
const FAULT_RULES: Readonly<Record<string, Rule>> = {
  kinds: KINDS,
  everyMs: numberFrom({ min: 1, max: MS_MAX }),
  durationMs: numberFrom({ min: 1, max: MS_MAX }),
  delayMs: numberFrom({ min: 1, max: MS_MAX }),
  skew: numberFrom({ min: 0, max: 0.99 }),
  swarm: A_BOOLEAN,
  conditions: ANYTHING,
}

/** The number of nodes and the time. */
const REQUIRED_RULES: Readonly<Record<string, Rule>> = {
  peers: integerFrom({ min: 1, max: 100_000 }),
  untilMs: numberFrom({ min: 0, max: MS_MAX }),
}

/**
 * Checks the options of `chaos`.
 *
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function checkChaosOptions(options: ChaosOptions): void {
  checkOptions('chaos', options, { required: REQUIRED_RULES, optional: FAULT_RULES })
  checkLimitsAndConditions('chaos', { conditions: options.conditions })
}

/**
 * Checks options of `chaos` without the number of nodes and the time.
 *
 * @param name stands in the message
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function checkFaultOptions(
  name: string,
  options: Omit<ChaosOptions, 'peers' | 'untilMs'>,
): void {
  checkOptions(name, options, { optional: FAULT_RULES })
  checkLimitsAndConditions(name, { conditions: options.conditions })
}
