/** Pids: the numbers that name the processes of a cluster. */
/** The receiver that stands for every peer but myself. */
export const BROADCAST = -1;
/** The largest pid: pids travel as 32-bit integers, and the last ones are kept for the protocol. */
export const PID_MAX = 2 ** 31 - 1;
/** Tells whether a value can name a process; `BROADCAST` cannot. */
export function isPid(value) {
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= PID_MAX;
}
