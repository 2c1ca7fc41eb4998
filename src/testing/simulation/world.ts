/** The world of a simulated cluster, as a test sees it. */
import type { Observable, SchedulerLike, Subscription } from 'rxjs'
import type { ClusterNode } from '../../node/cluster-node.ts'
import type { Expectations } from './checks/expectations.ts'
import type { Conditions, Fault, TimedFault } from './faults/fault.ts'
import type { Limits } from '../../model/limits.ts'
import type { Pid } from '../../model/pid.ts'
import type { TraceEvent } from '../../recording/trace-event.ts'

/** What a simulated process has besides its node. */
export interface Local {
  readonly pid: Pid
  /** 0 for the first process with this pid, 1 after its first restart. */
  readonly restarts: number
  /** Its clock: paused, late and skewed with the process. */
  readonly scheduler: SchedulerLike
  /** Its chance, from the seed. */
  random(): number
  /** A disk: it survives a crash. */
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

/** How a cluster is simulated. */
export interface SimulationOptions {
  /** Everything that is left to chance follows from it. Default 1. */
  readonly seed?: number
  /** How many, or which. */
  readonly peers: number | readonly Pid[]
  /** Whom each of them has as peers in the beginning. Default: everybody else. */
  readonly peersOf?: (pid: Pid) => readonly Pid[]
  readonly protocol?: Protocol
  readonly limits?: Partial<Limits>
  /** What every direction is like in the beginning. Default: 1 ms, and nothing goes wrong. */
  readonly conditions?: Partial<Conditions>
  /** Faults in time: marbles of a network lane, or a list. */
  readonly network?: string | readonly TimedFault[]
  /** How many milliseconds one character is, of `network` and of all marbles. Default 1. */
  readonly frameMs?: number
  /**
   * The story begins when every link is up: `body` is called then, `protocol` runs as soon as it
   * lets time pass, and the marbles of `network` count from there. Default: the nodes are opened,
   * and run their protocols, before `body` is called.
   */
  readonly connected?: boolean
}

/** A check that did not hold, as it is thrown by `simulate`. */
export interface Violation {
  readonly atMs: number
  readonly check: string
  readonly detail: string
}

/** A simulated cluster. */
export interface World extends Expectations {
  readonly seed: number
  readonly pids: readonly Pid[]
  /** Milliseconds since the beginning. */
  readonly nowMs: number
  /** Everything that happens from now on. Hot. */
  readonly trace: Observable<TraceEvent>
  /** The first check that did not hold. */
  readonly violation: Violation | undefined
  /**
   * The present life of a node.
   *
   * @throws Error where there is no such pid, or its process is dead
   */
  node(pid: Pid): ClusterNode
  alive(pid: Pid): boolean
  /** Does something as a process: its timers and its chance are that process's. */
  as<T>(pid: Pid, work: (node: ClusterNode, local: Local) => T): T
  /** Lets virtual time pass; stops early where a check does not hold. */
  run(ms: number): void
  /**
   * Lets virtual time pass until something is so.
   *
   * @returns whether it came to be, within so many milliseconds
   */
  runUntil(condition: () => boolean, withinMs: number): boolean
  /**
   * Lets virtual time pass until every link between processes that live is up.
   *
   * @param withinMs default 10,000
   * @throws Error where one is not up by then; it names the link
   */
  awaitLinks(withinMs?: number): void
  /** Something happens at a moment to come, in milliseconds from the beginning. */
  at(atMs: number, work: () => void): void

  /** A fault happens now. */
  inject(fault: Fault | string): void
  partition(...groups: readonly (readonly Pid[])[]): void
  heal(): void
  crash(pid: Pid): void
  restart(pid: Pid): void
  pause(pid: Pid): void
  resume(pid: Pid): void

  /** Holds after every event, or is a violation. */
  always(name: string, holds: (world: World) => boolean | string): void
  /** Holds at some moment within so many milliseconds, or is a violation. */
  eventually(name: string, withinMs: number, holds: (world: World) => boolean): void
  /** An own check over the trace: whatever the Observable emits is a violation. */
  check(name: string, violations: (trace: Observable<TraceEvent>) => Observable<string>): void
}
