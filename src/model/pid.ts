/** Pids: the ids of the processes of a cluster. */

/** Identifies a process of a cluster: an integer from 0 to 2³¹ − 1, set by the config. */
export type Pid = number

/** The receiver of a broadcast: every peer of the node, not the node itself. */
export const BROADCAST = -1

/** The largest pid. The wire has 32 bits for it; the protocol reserves the values above. */
export const PID_MAX = 2 ** 31 - 1

/** Returns whether a value is a valid pid; `BROADCAST` is not. */
export function isPid(value: unknown): value is Pid {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= PID_MAX
}

/** Returns the end of a message about a pid that is text, as that of a command line; or nothing. */
export function textPidAdvice(value: unknown): string {
  const isText = typeof value === 'string' && value.trim() !== '' && isPid(Number(value))
  return isText ? ': pass Number(pid)' : ''
}
