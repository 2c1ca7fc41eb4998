/** Faults: what can happen to the network and to the processes of a simulated cluster. */
import type { Pid } from '../../../model/pid.ts'

/** How long a frame takes, in milliseconds. */
export type Delay =
  | { readonly kind: 'fixed'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }

/** What one direction between two nodes is like. */
export interface Conditions {
  readonly delay: Delay
  /** The probability that a frame is lost on a connection that lives; 0 to 1. */
  readonly drop: number
  /** The probability that a frame arrives twice. */
  readonly duplicate: number
  /** The probability that a frame is overtaken by those behind it. */
  readonly reorder: number
  /** Bytes per second; `Infinity` for no limit. */
  readonly bandwidth: number
}

/** One direction, `from` to `to`; both left out: every direction there is. */
export interface Path {
  readonly from?: Pid
  readonly to?: Pid
}

/** Something goes wrong, or right again. */
export type Fault =
  /** Only those of one group reach each other; who is in none reaches nobody. */
  | { readonly type: 'partition'; readonly groups: readonly (readonly Pid[])[] }
  /** No partition and no cut any more, and all conditions as they were in the beginning. */
  | { readonly type: 'heal' }
  /**
   * Nothing passes, one way or both: what is sent waits as under TCP, until a connection gives up.
   */
  | {
      readonly type: 'cut' | 'restore'
      readonly from: Pid
      readonly to: Pid
      readonly both: boolean
    }
  /** Connections between the two break, with what is under way, and may be opened again at once. */
  | { readonly type: 'reset'; readonly from: Pid; readonly to: Pid }
  /** From now on frames that way are treated so. */
  | { readonly type: 'shape'; readonly path: Path; readonly conditions: Partial<Conditions> }
  /** As SIGSTOP and SIGCONT: nothing runs, and what was due comes late. */
  | { readonly type: 'pause' | 'resume'; readonly pid: Pid }
  /** As SIGKILL; and a new process with a new incarnation, its storage kept. */
  | { readonly type: 'crash' | 'restart'; readonly pid: Pid }
  /** Its clock runs `rate` times as fast from now on, and `offsetMs` ahead at this moment. */
  | { readonly type: 'skew'; readonly pid: Pid; readonly rate: number; readonly offsetMs: number }

/** A fault and when it happens, in milliseconds from the beginning. */
export interface TimedFault {
  readonly atMs: number
  readonly fault: Fault
}
