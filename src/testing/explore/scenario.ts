/** A scenario: a protocol, the nodes, faults and commands that it runs with, and the checks. */
import type { ChaosOptions } from './chaos-options.ts'
import type { PlanCommand, Plan } from './plan.ts'
import type { Conditions } from '../simulation/faults/fault.ts'
import type { Limits } from '../../model/limits.ts'
import type { OptionalFields } from '../../base/defined.ts'
import type { Protocol, World } from '../simulation/world.ts'
import type { Random } from '../../base/seeded-random.ts'

/** What `explore` runs under many plans. */
export interface Scenario {
  /** Number of nodes (1, 2, …), or a range of which each seed takes one. */
  readonly peers: number | readonly [min: number, max: number]
  /** Minimum number of nodes when a failure is shrunk. Default: 2. */
  readonly minPeers?: number | undefined
  readonly protocol: Protocol<PlanCommand>
  readonly limits?: OptionalFields<Limits> | undefined
  /**
   * Network conditions at the start and after a heal. Default: no loss, and a delay that each seed
   * draws: 1 ms (half of the seeds), none, or different for each frame, up to 80 ms and more.
   */
  readonly conditions?: OptionalFields<Conditions> | undefined
  /** Duration of a run, in milliseconds of virtual time. */
  readonly untilMs: number
  /**
   * Milliseconds without faults at the end of a run: what must happen eventually has this time.
   * Default: a third of `untilMs`.
   */
  readonly recoveryMs?: number | undefined
  /** Which faults are generated. Default: all kinds but `skew`. `false`: none. */
  readonly faults?: Omit<ChaosOptions, 'peers' | 'untilMs'> | false | undefined
  /** Generates the commands to processes; their times should be before `plan.healedMs`. */
  readonly commands?: ((random: Random, plan: Plan) => readonly PlanCommand[]) | undefined
  /**
   * Registers the checks, at time 0. Faults end at `plan.healedMs`. If that is undefined, they do
   * not end, and a check must not expect that something happens eventually.
   */
  readonly checks?: ((world: World, plan: Plan) => void) | undefined
}
