/** The world behind `simulate`: runs the clock, applies faults and evaluates checks. */
import { Observable, Subject } from 'rxjs'
import type { Expectation } from './checks/expectations.ts'
import type { Conditions, Fault, TimedFault } from './faults/fault.ts'
import type { Local, SimulationOptions, Violation, World } from './world.ts'
import { IDEAL_CONDITIONS, NetworkConditions } from './network/conditions.ts'
import { Checks } from './checks/checks.ts'
import { ExpectedLanes } from './checks/expected-lanes.ts'
import type { ClusterNode } from '../../node/cluster-node.ts'
import type { Pid } from '../../model/pid.ts'
import { type NodeInstance, SimCluster } from './cluster/sim-cluster.ts'
import { SimNetwork } from './network/sim-network.ts'
import { LivelockDetector } from './time/livelock.ts'
import { SimulationError } from './checks/simulation-error.ts'
import type { TraceEvent } from '../../recording/trace-event.ts'
import { MicrotaskQueue } from './time/microtask-queue.ts'
import type { VirtualTime } from './time/in-virtual-time.ts'
import { VirtualClock } from './time/virtual-clock.ts'
import { applyFault } from './faults/apply-fault.ts'
import { checkFault, unknownNode } from './faults/check-fault.ts'
import { checkSimulationOptions } from './check-options.ts'
import { defined } from '../../base/defined.ts'
import { describeValue } from '../../base/describe-value.ts'
import {
  AN_OBSERVABLE,
  A_FUNCTION,
  A_STRING,
  checkArgument,
  invalidArgument,
  numberFrom,
} from '../../model/check-arguments.ts'
import { awaitLinks } from './cluster/await-links.ts'
import { parseFault, renderFault } from './faults/fault-syntax.ts'
import { parseNetwork } from './faults/parse-network.ts'
import { worldTime } from './time/world-time.ts'
import { seededRandom } from '../../base/seeded-random.ts'

/** The interval of the accounting check, in virtual milliseconds. */
const AUDIT_INTERVAL_MS = 5_000
/** Nodes always close within this time. */
const CLOSE_TIMEOUT_MS = 20_000

/** Virtual time is finite: waiting without an end would never return. */
const MILLISECONDS = numberFrom({ min: 0, max: Number.MAX_SAFE_INTEGER })

/** Implements `World`, and starts and ends the simulation. */
export class SimWorld implements World {
  readonly seed: number
  readonly pids: readonly Pid[]
  readonly trace: Observable<TraceEvent>
  readonly clock = new VirtualClock()
  readonly microtasks = new MicrotaskQueue()
  readonly conditions: NetworkConditions
  readonly network: SimNetwork
  readonly cluster: SimCluster
  readonly time: VirtualTime
  readonly #initialConditions: Conditions
  #nondeterminism: Error | undefined
  readonly #livelock = new LivelockDetector()
  readonly #options: SimulationOptions
  readonly #faults: readonly TimedFault[]
  readonly #expectations: ExpectedLanes
  readonly #trace = new Subject<TraceEvent>()
  readonly #checks: Checks

  constructor(options: SimulationOptions) {
    checkSimulationOptions('simulate', options)
    const { seed = 1, peers, frameMs = 1 } = options
    this.#options = options
    this.seed = seed
    this.pids =
      typeof peers === 'number' ? Array.from({ length: peers }, (_, index) => index + 1) : peers
    this.#faults = faultsOf(options, this.pids)
    this.trace = this.#trace.asObservable()
    this.#initialConditions = { ...IDEAL_CONDITIONS, ...defined(options.conditions) }
    const { drop, duplicate, reorder } = IDEAL_CONDITIONS
    this.conditions = new NetworkConditions(
      options.connected === true
        ? { ...this.#initialConditions, drop, duplicate, reorder }
        : this.#initialConditions,
    )
    this.network = new SimNetwork(this.clock, this.conditions, seededRandom(seed))
    this.#checks = new Checks(this)
    const timer = (pid: Pid): void => this.cluster.timer(pid)
    this.time = worldTime(
      { clock: this.clock, microtasks: this.microtasks, timer },
      seed,
      (error) => (this.#nondeterminism ??= error),
    )
    const trace = this.#trace
    this.cluster = new SimCluster(this, this.pids, options, seed, {
      get traced() {
        return trace.observed
      },
      trace: (event) => trace.next(event),
      violated: (check, detail) => this.#checks.fail(check, detail),
    })
    this.#expectations = new ExpectedLanes(this, frameMs)
    if (options.connected !== true) this.#scheduleFaults()
    this.#audit()
  }

  get nowMs(): number {
    return this.clock.nowMs
  }

  get violation(): Violation | undefined {
    return this.#checks.violation
  }

  /**
   * Starts every process; with the option `connected` it also waits for the links.
   *
   * @param onBegin called before any protocol runs
   */
  start(onBegin: () => void = () => undefined): void {
    if (this.#options.connected !== true) onBegin()
    for (const pid of this.pids) this.cluster.start(pid)
    this.microtasks.drain()
    if (this.#options.connected !== true) return
    this.awaitLinks()
    this.conditions.setInitial(this.#initialConditions)
    onBegin()
    // Scheduled, so that `body` can set its expectations first.
    this.at(this.nowMs, () => this.cluster.startProtocols())
    this.#scheduleFaults()
  }

  node(pid: Pid): ClusterNode {
    return this.#instance(pid).node
  }

  alive(pid: Pid): boolean {
    this.#checkPid('alive', pid)
    return this.cluster.instances.has(pid)
  }

  as<T>(pid: Pid, work: (node: ClusterNode, local: Local) => T): T {
    checkArgument('as', 'work', work, A_FUNCTION)
    const { process, node, scheduler } = this.#instance(pid)
    const { restarts, storage, random } = process
    return process.runAs(() => work(node, { pid, restarts, storage, random, scheduler }))
  }

  run(ms: number): void {
    checkArgument('run', 'ms', ms, MILLISECONDS)
    const untilMs = this.nowMs + ms
    this.#finishEvent()
    while (this.clock.step(untilMs)) this.#finishEvent()
    this.clock.advanceTo(untilMs)
    this.#finishEvent()
  }

  runUntil(condition: () => boolean, withinMs: number): boolean {
    checkArgument('runUntil', 'condition', condition, A_FUNCTION)
    checkArgument('runUntil', 'withinMs', withinMs, MILLISECONDS)
    const untilMs = this.nowMs + withinMs
    this.#finishEvent()
    while (!condition()) {
      if (!this.clock.step(untilMs)) {
        this.clock.advanceTo(untilMs)
        return condition()
      }
      this.#finishEvent()
    }
    return true
  }

  awaitLinks(withinMs?: number): void {
    if (withinMs !== undefined) checkArgument('awaitLinks', 'withinMs', withinMs, MILLISECONDS)
    awaitLinks(this, this.cluster.instances, () => this.conditions.lossy, withinMs)
    // Lets the nodes emit the last link events.
    this.run(0)
  }

  at(atMs: number, work: () => void): void {
    checkArgument('at', 'atMs', atMs, MILLISECONDS)
    checkArgument('at', 'work', work, A_FUNCTION)
    this.clock.at(atMs, work)
  }

  inject(fault: Fault | string): void {
    const faults = typeof fault === 'string' ? fault.split(';').flatMap(parseFault) : [fault]
    for (const one of faults) checkFault(one, this.pids)
    for (const one of faults) {
      const event = { atMs: this.nowMs, type: 'fault', fault: renderFault(one) } as const
      if (this.#trace.observed) this.#trace.next(event)
      applyFault(this, one)
    }
  }

  partition(...groups: readonly (readonly Pid[])[]): void {
    this.inject({ type: 'partition', groups })
  }

  heal(): void {
    this.inject({ type: 'heal' })
  }

  crash(pid: Pid): void {
    this.inject({ type: 'crash', pid })
  }

  restart(pid: Pid): void {
    this.inject({ type: 'restart', pid })
  }

  pause(pid: Pid): void {
    this.inject({ type: 'pause', pid })
  }

  resume(pid: Pid): void {
    this.inject({ type: 'resume', pid })
  }

  always(name: string, holds: (world: World) => boolean | string): void {
    checkArgument('always', 'name', name, A_STRING)
    checkArgument('always', 'holds', holds, A_FUNCTION)
    this.#checks.always(name, holds)
  }

  eventually(name: string, withinMs: number, holds: (world: World) => boolean): void {
    checkArgument('eventually', 'name', name, A_STRING)
    checkArgument('eventually', 'withinMs', withinMs, MILLISECONDS)
    checkArgument('eventually', 'holds', holds, A_FUNCTION)
    this.#checks.eventually(name, withinMs, holds)
    // Ensures that there is an event at the deadline.
    this.at(this.nowMs + withinMs, () => undefined)
  }

  expectInbox(pid: Pid, from?: Pid): Expectation {
    return this.#expectations.expectInbox(pid, from)
  }

  expectOutput(pid: Pid): Expectation {
    return this.#expectations.expectOutput(pid)
  }

  expectLinks(pid: Pid): Expectation {
    return this.#expectations.expectLinks(pid)
  }

  expectDead(pid: Pid): Expectation {
    return this.#expectations.expectDead(pid)
  }

  sends(...lane: Parameters<World['sends']>): void {
    this.#expectations.sends(...lane)
  }

  check(name: string, violations: (trace: Observable<TraceEvent>) => Observable<string>): void {
    checkArgument('check', 'name', name, A_STRING)
    checkArgument('check', 'violations', violations, A_FUNCTION)
    const found = violations(this.trace)
    checkArgument('check', `the result of "${name}"`, found, AN_OBSERVABLE)
    this.#checks.check(name, found)
  }

  /**
   * Waits for pending checks and expectations, then closes every node and checks again.
   *
   * @throws SimulationError
   */
  end(): void {
    const untilMs = Math.max(this.#checks.deadlineMs, this.#expectations.untilMs)
    if (untilMs > this.nowMs) this.run(untilMs - this.nowMs)
    this.#expectations.evaluate()
    this.cluster.audit()
    const instances: [Pid, NodeInstance][] = [...this.cluster.instances]
    for (const [, { process, node, running }] of instances) {
      process.runAs(() => {
        running.unsubscribe()
        void node.close()
      })
    }
    applyFault(this, { type: 'heal' })
    for (const pid of this.pids) this.cluster.resume(pid)
    this.runUntil(() => this.cluster.closed, CLOSE_TIMEOUT_MS)
    this.cluster.audit()
    for (const [pid, instance] of instances) this.cluster.checkAccounted(pid, instance)
    // RxJS throws the errors of subscribers in a timer.
    this.run(0)
  }

  /** Schedules the faults of the options, counted from now. */
  #scheduleFaults(): void {
    const { nowMs } = this
    for (const { atMs, fault } of this.#faults) this.at(nowMs + atMs, () => this.inject(fault))
  }

  /** Completes an event: drains its microtasks and evaluates the checks. */
  #finishEvent(): void {
    this.microtasks.drain()
    this.#livelock.onEvent(this.nowMs)
    if (this.#nondeterminism !== undefined) throw this.#nondeterminism
    this.#checks.evaluate()
    const violation = this.#checks.violation
    if (violation === undefined) return
    const { atMs, check, detail } = violation
    if (this.#trace.observed) this.#trace.next({ atMs, type: 'violated', check, detail })
    throw new SimulationError(violation, this.seed)
  }

  #audit(): void {
    this.clock.at(this.nowMs + AUDIT_INTERVAL_MS, () => {
      this.cluster.audit()
      this.#audit()
    })
  }

  #instance(pid: Pid): NodeInstance {
    const instance = this.cluster.instances.get(pid)
    if (instance !== undefined) return instance
    this.#checkPid('node', pid)
    throw invalidArgument('node', [`process ${pid} has crashed: restart(${pid}) first`])
  }

  #checkPid(call: string, pid: Pid): void {
    if (!this.pids.includes(pid)) throw invalidArgument(call, [unknownNode(pid, this.pids)])
  }
}

/** Returns the faults of the option `network`. @throws ClusterError `FAULT_INVALID` */
function faultsOf(
  { network = [], frameMs }: SimulationOptions,
  pids: readonly Pid[],
): readonly TimedFault[] {
  const faults = typeof network === 'string' ? parseNetwork(network, frameMs) : network
  for (const { atMs, fault } of faults) {
    if (!(atMs >= 0)) {
      const found = describeValue(atMs)
      throw invalidArgument('simulate', [`network: atMs: expected milliseconds, got ${found}`])
    }
    checkFault(fault, pids, 'network: ')
  }
  return faults
}
