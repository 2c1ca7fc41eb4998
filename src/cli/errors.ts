/** Formats the error of a failed command, and returns the exit code for it. */
import { ClusterError, type ErrorCode } from '../model/cluster-error.ts'
import { dirname } from 'node:path'
import { EXIT } from './exit-codes.ts'
import { writeFile } from 'node:fs/promises'

const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  CONFIG_UNREADABLE: EXIT.config,
  CONFIG_NOT_JSON: EXIT.config,
  CONFIG_INVALID: EXIT.config,
  PID_NOT_IN_CONFIG: EXIT.config,
  RECORDING_INVALID: EXIT.config,
  ADDRESS_IN_USE: EXIT.address,
  BIND_FAILED: EXIT.address,
  INSECURE_BIND: EXIT.address,
  INSECURE_CONNECT: EXIT.address,
  KEY_FILE_UNREADABLE: EXIT.config,
  KEY_FILE_EXPOSED: EXIT.config,
  KEY_INVALID: EXIT.config,
  KEY_IS_PUBLIC: EXIT.config,
  KEY_MISMATCH: EXIT.config,
  CLUSTER_SECRET_INVALID: EXIT.config,
  KEYS_MISSING: EXIT.config,
  KEYS_CONFLICT: EXIT.config,
}

/** A failure that is not a bug: its message alone is printed, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** Returns the exit code for an error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ClusterError ? (EXIT_CODES[error.code] ?? EXIT.failed) : EXIT.failed
}

/** Formats an error for stderr. An unexpected error keeps its stack, to be reported as a bug. */
export function describeError(error: unknown): string {
  if (error instanceof CommandError) return error.message
  if (!(error instanceof ClusterError)) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  if (error.issues.length === 0) return `${error.code}: ${error.message}`
  const [summary = error.message] = error.message.split('\n')
  return [`${error.code}: ${summary}`, ...error.issues.map((issue) => `  ${issue}`)].join('\n')
}

/** Writes a file that the command line names. @throws CommandError that says what to do */
export async function writeOutput(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    throw new CommandError(`cannot write ${path}: ${writeProblem(path, error)}`, { cause: error })
  }
}

function writeProblem(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
      return `there is no directory ${dirname(path)}; create it first (mkdir -p ${dirname(path)})`
    case 'EISDIR':
      return 'it is a directory; name a file'
    case 'EACCES':
      return 'permission denied; choose another path'
    default:
      return message
  }
}
