/** Pids: the numbers that name the processes of a cluster. */

/** Names one process of a cluster: an integer from 0 to 2³¹ − 1, chosen by the config. */
export type Pid = number

/** The receiver that stands for every peer but myself. */
export const BROADCAST = -1

/** The largest pid: pids travel as 32-bit integers, and the last ones are kept for the protocol. */
export const PID_MAX = 2 ** 31 - 1

/** Tells whether a value can name a process; `BROADCAST` cannot. */
export function isPid(value: unknown): value is Pid {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= PID_MAX
}
