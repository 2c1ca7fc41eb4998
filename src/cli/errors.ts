/**
 * Failures as a command line tells them: what went wrong, each problem on a line, and the exit code
 * that goes with it.
 */
import { ClusterError, type ErrorCode } from '../model/cluster-error.ts'
import { EXIT } from './exit-codes.ts'

const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  CONFIG_UNREADABLE: EXIT.config,
  CONFIG_NOT_JSON: EXIT.config,
  CONFIG_INVALID: EXIT.config,
  PID_NOT_IN_CONFIG: EXIT.config,
  RECORDING_INVALID: EXIT.config,
  ADDRESS_IN_USE: EXIT.address,
  BIND_FAILED: EXIT.address,
  INSECURE_BIND: EXIT.address,
}

/** A command did not come out well, for a reason that its message tells in full. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ClusterError ? (EXIT_CODES[error.code] ?? EXIT.failed) : EXIT.failed
}

/** What a person reads of an error. A bug keeps its stack, since nothing else would help. */
export function describeError(error: unknown): string {
  if (error instanceof CommandError) return error.message
  if (!(error instanceof ClusterError)) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  if (error.issues.length === 0) return `${error.code}: ${error.message}`
  const [summary = error.message] = error.message.split('\n')
  return [`${error.code}: ${summary}`, ...error.issues.map((issue) => `  ${issue}`)].join('\n')
}
