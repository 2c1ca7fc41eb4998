/**
 * Adds the virtual time and the seed to the message of an error that was thrown in a simulation.
 */
import { ClusterError } from '../../../model/cluster-error.ts'
import { SimulationError } from './simulation-error.ts'
import { describeValue } from '../../../base/describe-value.ts'

/**
 * Returns the error with ` (at 5 ms, seed 7)` at the end of its message: the same object, so that
 * its type and what a test runner shows of it stay. What is not an error becomes the cause of one.
 */
export function withMoment(thrown: unknown, nowMs: number, seed: number): unknown {
  if (thrown instanceof SimulationError) return thrown
  const moment = ` (at ${nowMs} ms, seed ${seed})`
  if (thrown instanceof Error && addToMessage(thrown, moment)) return thrown
  const text = thrown instanceof Error ? thrown.message : `${describeValue(thrown)} was thrown`
  return new ClusterError('CHECK_FAILED', `${text}${moment}`, { cause: thrown })
}

/** Returns false if the message cannot be changed. */
function addToMessage(error: Error, moment: string): boolean {
  const { message, stack = '' } = error
  if (message.endsWith(moment)) return true
  try {
    error.message = `${message}${moment}`
    // The stack begins with the message as it was when the error was created.
    if (message !== '') error.stack = stack.replace(message, () => error.message)
    return true
  } catch {
    return false
  }
}
