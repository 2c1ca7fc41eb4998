/** The error of a simulation with a failed check. */
import { ClusterError, nameErrors } from '../../../model/cluster-error.ts'
import type { Violation } from '../world.ts'

/** Thrown by `simulate`: the violation, and the seed that reproduces it. */
export class SimulationError extends ClusterError {
  readonly violation: Violation
  readonly seed: number

  constructor(violation: Violation, seed: number) {
    const { atMs, check, detail } = violation
    // Marbles begin on a line of their own.
    const separator = detail.startsWith('\n') ? ':' : ': '
    super('CHECK_FAILED', `${check}${separator}${detail} (at ${atMs} ms, seed ${seed})`)
    this.violation = violation
    this.seed = seed
  }
}

nameErrors(SimulationError, 'SimulationError')
