/** A scenario: what is to be tried under many plans, and what must hold. */
import type { ChaosOptions } from './chaos.ts'
import type { PlanCommand, Plan } from './plan.ts'
import type { Conditions } from '../simulation/faults/fault.ts'
import type { Limits } from '../../model/limits.ts'
import type { Protocol, World } from '../simulation/world.ts'
import type { Random } from '../../base/seeded-random.ts'

/** Everything about a trial that is the same under every plan. */
export interface Scenario {
  /** How many nodes: 1, 2, …; or from how many to how many, drawn for each seed. */
  readonly peers: number | readonly [least: number, most: number]
  /** With fewer a failure is not made smaller; default 2. */
  readonly minPeers?: number
  readonly protocol: Protocol<PlanCommand>
  readonly limits?: Partial<Limits>
  /** What every direction is like in the beginning, and after a heal. */
  readonly conditions?: Partial<Conditions>
  /** How long a run lasts, in milliseconds of virtual time. */
  readonly untilMs: number
  /**
   * So long before the end everything is healed, resumed and restarted, and stays so: what is to
   * happen eventually has this time. Default: a third of `untilMs`.
   */
  readonly recoveryMs?: number
  /** What goes wrong; default: everything there is, but skewed clocks. `false`: nothing does. */
  readonly faults?: Partial<Omit<ChaosOptions, 'peers' | 'untilMs'>> | false
  /** Draws what processes are told; moments should lie before `plan.healedMs`. */
  readonly commands?: (random: Random, plan: Plan) => readonly PlanCommand[]
  /**
   * Registers what must hold, at time 0. `plan.healedMs` is when faults are over; where it is left
   * out they never are, and nothing need happen eventually.
   */
  readonly checks?: (world: World, plan: Plan) => void
}
