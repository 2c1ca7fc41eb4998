/** Pids: the numbers that name the processes of a cluster. */
/** Names one process of a cluster: an integer from 0 to 2³¹ − 1, chosen by the config. */
export type Pid = number;
/** The receiver that stands for every peer but myself. */
export declare const BROADCAST = -1;
/** The largest pid: pids travel as 32-bit integers, and the last ones are kept for the protocol. */
export declare const PID_MAX: number;
/** Tells whether a value can name a process; `BROADCAST` cannot. */
export declare function isPid(value: unknown): value is Pid;
