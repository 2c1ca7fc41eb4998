/** Exit codes: what a command tells the shell. */
import { ClusterError, type ErrorCode } from '../model/cluster-error.ts'

/** All went well. */
export const OK = 0
/** It was tried and failed: something was lost, died, stalled or broke. */
export const FAILED = 1
/** The command line makes no sense. */
export const USAGE = 2
/** The config is missing or wrong, or does not allow what was asked for. */
export const BAD_CONFIG = 3
/** The node cannot listen: its address is taken, or ZeroMQ is missing. */
export const CANNOT_LISTEN = 4
/** ^C, as every shell has it: 128 + SIGINT. */
export const INTERRUPTED = 130

/** The table that every `--help` ends with. */
export const EXIT_CODES_HELP = `
Exit codes:
  0    all went well
  1    failed: something was lost, died or broke
  2    the command line makes no sense
  3    the config is missing or wrong
  4    the node cannot listen
  130  interrupted`

const CODES: Partial<Record<ErrorCode, number>> = {
  CONFIG_UNREADABLE: BAD_CONFIG,
  CONFIG_NOT_JSON: BAD_CONFIG,
  CONFIG_INVALID: BAD_CONFIG,
  PID_NOT_IN_CONFIG: BAD_CONFIG,
  INSECURE_BIND: BAD_CONFIG,
  ADDRESS_IN_USE: CANNOT_LISTEN,
  BIND_FAILED: CANNOT_LISTEN,
  TRANSPORT_UNAVAILABLE: CANNOT_LISTEN,
}

/** The exit code for what a command threw. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ClusterError ? (CODES[error.code] ?? FAILED) : FAILED
}
