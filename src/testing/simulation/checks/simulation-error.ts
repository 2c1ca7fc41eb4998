/** The error of a simulation in which something did not hold. */
import { ClusterError } from '../../../model/cluster-error.ts'
import type { Violation } from '../world.ts'

/** What `simulate` throws: a check that did not hold, and the seed that shows it again. */
export class SimulationError extends ClusterError {
  readonly violation: Violation
  readonly seed: number

  constructor(violation: Violation, seed: number) {
    const { atMs, check, detail } = violation
    super('CHECK_FAILED', `${check}: ${detail} (at ${atMs} ms, seed ${seed})`)
    this.violation = violation
    this.seed = seed
  }
}
