/** Public types of `simulate`: its options, the world that a test controls, and protocols. */
import type { Observable, SchedulerLike, Subscription } from 'rxjs'
import type { ClusterNode } from '../../node/cluster-node.ts'
import type { Expectations } from './checks/expectations.ts'
import type { Conditions, Fault, TimedFault } from './faults/fault.ts'
import type { Limits } from '../../model/limits.ts'
import type { OptionalFields } from '../../base/defined.ts'
import type { Pid } from '../../model/pid.ts'
import type { TraceEvent } from '../../recording/trace-event.ts'

/** The environment of a simulated process, besides its node. */
export interface Local {
  readonly pid: Pid
  /** How often the process was restarted: 0 for the first process with this pid. */
  readonly restarts: number
  /** Follows the clock of the process, which faults may pause or skew. */
  readonly scheduler: SchedulerLike
  /** Uniform in [0, 1), from the seed. */
  random(): number
  /** The disk of the process: survives crashes. */
  readonly storage: Map<string, unknown>
}

/**
 * Runs on every process, and again after each restart.
 *
 * The values of the Observable that it returns are in the trace as `output`. The Observable or
 * Subscription is unsubscribed when the process ends.
 *
 * With a `Command` type it also gets an Observable of the commands for its node, from a plan of
 * `explore` or from the lane `commandN` of a marble test.
 */
export type Protocol<Command = never> = (
  node: ClusterNode,
  local: Local,
  ...commands: [Command] extends [never] ? [] : [commands: Observable<Command>]
) => Observable<unknown> | Subscription | undefined | void

/** Configures a simulated cluster. */
export interface SimulationOptions {
  /** The seed of all random decisions. Default: 1. */
  readonly seed?: number | undefined
  /** The number of nodes, with pids 1, 2, …; or their pids. */
  readonly peers: number | readonly Pid[]
  /** The initial peers of each node. Default: all other nodes. */
  readonly peersOf?: ((pid: Pid) => readonly Pid[]) | undefined
  readonly protocol?: Protocol | undefined
  readonly limits?: OptionalFields<Limits> | undefined
  /** The initial conditions of every path. Default: a delay of 1 ms, and no faults. */
  readonly conditions?: OptionalFields<Conditions> | undefined
  /** Faults in time: marbles of a network lane, or a list. */
  readonly network?: string | readonly TimedFault[] | undefined
  /** The duration of one character of `network` and of all marbles, in milliseconds. Default: 1. */
  readonly frameMs?: number | undefined
  /**
   * If true, `body` is called when every link is up; `protocol` starts when `body` first lets time
   * pass, and `network` counts from there. Until then `conditions` lose, duplicate and reorder no
   * frame: a lost HELLO would take 5 s. Default: false; `body` is called after the nodes are opened
   * and run their protocols.
   */
  readonly connected?: boolean | undefined
}

/** A check that failed, as `simulate` throws it. */
export interface Violation {
  readonly atMs: number
  readonly check: string
  readonly detail: string
}

/** A simulated cluster, controlled by a test. */
export interface World extends Expectations {
  readonly seed: number
  readonly pids: readonly Pid[]
  /** Milliseconds since the start. */
  readonly nowMs: number
  /** Emits every event of the cluster. Hot. */
  readonly trace: Observable<TraceEvent>
  /** The first check that failed. */
  readonly violation: Violation | undefined
  /**
   * Returns the current node of a pid; a restart creates another one.
   *
   * @throws ClusterError `INVALID_ARGUMENT` if there is no such pid, or its process has crashed
   */
  node(pid: Pid): ClusterNode
  alive(pid: Pid): boolean
  /** Runs `work` as a process, so that its timers and random numbers are those of the process. */
  as<T>(pid: Pid, work: (node: ClusterNode, local: Local) => T): T
  /** Lets virtual time pass; throws at the first check that fails. */
  run(ms: number): void
  /**
   * Lets virtual time pass until `condition` returns true, for at most `withinMs`.
   *
   * @returns whether the condition became true
   */
  runUntil(condition: () => boolean, withinMs: number): boolean
  /**
   * Lets virtual time pass until every link between running processes is up.
   *
   * @param withinMs default 10,000
   * @throws SimulationError that names a link which is not up by then, and what to do
   */
  awaitLinks(withinMs?: number): void
  /** Calls `work` at a later time, in milliseconds since the start. */
  at(atMs: number, work: () => void): void

  /**
   * Applies a fault now. One whose result already holds changes nothing: a crash of a dead process,
   * a resume of a running one.
   *
   * @throws ClusterError `FAULT_INVALID` for one that cannot be parsed, names a node that does not
   *   exist, or cannot happen: a restart of a running process, a pause of a dead one
   */
  inject(fault: Fault | string): void
  partition(...groups: readonly (readonly Pid[])[]): void
  heal(): void
  crash(pid: Pid): void
  /**
   * Starts a process again that crashed, or whose node was closed; where that is still closing, as
   * soon as it has closed.
   */
  restart(pid: Pid): void
  pause(pid: Pid): void
  resume(pid: Pid): void

  /** Fails unless `holds` returns true after every event; a text says what is wrong. */
  always(name: string, holds: (world: World) => boolean | string): void
  /** Fails unless `holds` returns true at some time within `withinMs`. */
  eventually(name: string, withinMs: number, holds: (world: World) => boolean): void
  /** Adds a check over the trace: each value that the Observable emits is a violation. */
  check(name: string, violations: (trace: Observable<TraceEvent>) => Observable<string>): void
}
