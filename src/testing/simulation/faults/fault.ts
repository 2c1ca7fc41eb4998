/** The faults of the network and of the processes of a simulated cluster. */
import type { OptionalFields } from '../../../base/defined.ts'
import type { Pid } from '../../../model/pid.ts'

/** The distribution of the delay of a frame, in milliseconds. */
export type Delay =
  | { readonly kind: 'fixed'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }

/** The quality of one path between two nodes. */
export interface Conditions {
  readonly delay: Delay
  /** The probability that a frame is lost on a live connection; 0 to 1. */
  readonly drop: number
  /** The probability that a frame arrives twice. */
  readonly duplicate: number
  /** The probability that later frames overtake a frame. */
  readonly reorder: number
  /** Bytes per second; `Infinity` for no limit. */
  readonly bandwidth: number
}

/** The paths from `from` to `to`; a field that is left out matches every node. */
export interface Path {
  readonly from?: Pid | undefined
  readonly to?: Pid | undefined
}

/** A change of the network or of a process, for the worse or back to normal. */
export type Fault =
  /** Only nodes of the same group reach each other; a node in no group is isolated. */
  | { readonly type: 'partition'; readonly groups: readonly (readonly Pid[])[] }
  /** Ends the partition and all cuts, and restores the initial conditions. */
  | { readonly type: 'heal' }
  /**
   * `cut` blocks one direction or both: frames wait, as under TCP, until the connection breaks.
   * `restore` ends it.
   */
  | {
      readonly type: 'cut' | 'restore'
      readonly from: Pid
      readonly to: Pid
      readonly both: boolean
    }
  /** Breaks all connections between two nodes; frames on the wire are lost. Nodes may redial. */
  | { readonly type: 'reset'; readonly from: Pid; readonly to: Pid }
  /** Sets conditions for future frames on the paths. */
  | { readonly type: 'shape'; readonly path: Path; readonly conditions: OptionalFields<Conditions> }
  /** Like SIGSTOP and SIGCONT: work that is due during the pause runs after it. */
  | { readonly type: 'pause' | 'resume'; readonly pid: Pid }
  /** Like SIGKILL; `restart` starts a process with a new incarnation and the same storage. */
  | { readonly type: 'crash' | 'restart'; readonly pid: Pid }
  /** Its clocks run `rate` times as fast, and its wall clock jumps ahead by `offsetMs`. */
  | { readonly type: 'skew'; readonly pid: Pid; readonly rate: number; readonly offsetMs: number }

/** A fault and its time, in milliseconds since the start. */
export interface TimedFault {
  readonly atMs: number
  readonly fault: Fault
}
