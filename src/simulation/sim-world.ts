/** The world behind `simulate`: it lets time pass, and does what faults say. */
import { Observable, Subject } from 'rxjs'
import type { Expectation } from './expectations.ts'
import type { Fault } from './fault.ts'
import type { Local, SimulationOptions, Violation, World } from './world.ts'
import { CALM, Terrain } from './conditions.ts'
import { Checks } from './checks.ts'
import { FaultCalls } from './fault-calls.ts'
import { ExpectedLanes } from './expected-lanes.ts'
import type { ClusterNode } from '../node/cluster-node.ts'
import type { Pid } from '../model/pid.ts'
import { type Life, SimCluster } from './sim-cluster.ts'
import { SimNetwork } from './sim-network.ts'
import { Standstill } from './standstill.ts'
import { SimulationError } from './simulation-error.ts'
import type { TraceEvent } from '../model/trace-event.ts'
import { Turn } from './sim-process.ts'
import type { VirtualTime } from './in-virtual-time.ts'
import { VirtualClock } from './virtual-clock.ts'
import { applyFault } from './apply-fault.ts'
import { join } from './join.ts'
import { parseFault, renderFault } from './fault-words.ts'
import { parseNetwork } from './network-lane.ts'
import { worldTime } from './world-time.ts'
import { seededChance } from '../core/chance.ts'

/** The law of all mail is looked at so often, in virtual milliseconds. */
const AUDIT_MS = 5_000
/** Longer than any node takes to close. */
const CLOSING_MS = 20_000

/** A simulated cluster. */
export class SimWorld extends FaultCalls implements World {
  readonly seed: number
  readonly pids: readonly Pid[]
  readonly trace: Observable<TraceEvent>
  readonly clock = new VirtualClock()
  readonly turn = new Turn()
  readonly terrain: Terrain
  readonly network: SimNetwork
  readonly cluster: SimCluster
  readonly time: VirtualTime
  #stray: Error | undefined
  readonly #standstill = new Standstill()
  readonly #options: SimulationOptions
  readonly #lanes: ExpectedLanes
  readonly #trace = new Subject<TraceEvent>()
  readonly #checks: Checks

  constructor(options: SimulationOptions) {
    super()
    const { seed = 1, peers, conditions, frameMs = 1 } = options
    this.#options = options
    this.seed = seed
    this.pids =
      typeof peers === 'number' ? Array.from({ length: peers }, (_, index) => index + 1) : peers
    this.trace = this.#trace.asObservable()
    this.terrain = new Terrain({ ...CALM, ...conditions })
    this.network = new SimNetwork(this.clock, this.terrain, seededChance(seed))
    this.#checks = new Checks(this)
    const timer = (pid: Pid): void => this.cluster.timer(pid)
    this.time = worldTime(
      { clock: this.clock, turn: this.turn, timer },
      seed,
      (error) => (this.#stray ??= error),
    )
    const trace = this.#trace
    this.cluster = new SimCluster(this, this.pids, options, seed, {
      get traced() {
        return trace.observed
      },
      trace: (event) => trace.next(event),
      violated: (check, detail) => this.#checks.fail(check, detail),
    })
    this.#lanes = new ExpectedLanes(this, frameMs)
    if (options.joined !== true) this.#begin()
    this.#audit()
  }

  get nowMs(): number {
    return this.clock.nowMs
  }

  get violation(): Violation | undefined {
    return this.#checks.violation
  }

  /**
   * Starts every process.
   *
   * @param begins is called when the story begins, before any protocol runs
   */
  start(begins: () => void = () => undefined): void {
    if (this.#options.joined !== true) begins()
    for (const pid of this.pids) this.cluster.start(pid)
    this.turn.drain()
    if (this.#options.joined !== true) return
    this.join()
    begins()
    // The body is asked first what it expects.
    this.at(this.nowMs, () => this.cluster.begin())
    this.#begin()
  }

  node(pid: Pid): ClusterNode {
    return this.#life(pid).node
  }

  alive(pid: Pid): boolean {
    return this.cluster.lives.has(pid)
  }

  as<T>(pid: Pid, work: (node: ClusterNode, local: Local) => T): T {
    const { process, node, scheduler } = this.#life(pid)
    const { life, storage, chance } = process
    return process.now(() => work(node, { pid, life, storage, chance, scheduler }))
  }

  run(ms: number): void {
    const untilMs = this.nowMs + ms
    this.#settle()
    while (this.clock.step(untilMs)) this.#settle()
    this.clock.reach(untilMs)
    this.#settle()
  }

  runUntil(so: () => boolean, withinMs: number): boolean {
    const untilMs = this.nowMs + withinMs
    this.#settle()
    while (!so()) {
      if (!this.clock.step(untilMs)) {
        this.clock.reach(untilMs)
        return so()
      }
      this.#settle()
    }
    return true
  }

  join(withinMs?: number): void {
    join(this, this.cluster.lives, withinMs)
    // That they are up is said, too.
    this.run(0)
  }

  at(atMs: number, work: () => void): void {
    this.clock.at(atMs, work)
  }

  inject(fault: Fault | string): void {
    const faults = typeof fault === 'string' ? fault.split(';').flatMap(parseFault) : [fault]
    for (const one of faults) {
      const event = { atMs: this.nowMs, type: 'fault', fault: renderFault(one) } as const
      if (this.#trace.observed) this.#trace.next(event)
      applyFault(this, one)
    }
  }

  always(name: string, holds: (world: World) => boolean | string): void {
    this.#checks.always(name, holds)
  }

  eventually(name: string, withinMs: number, holds: (world: World) => boolean): void {
    this.#checks.eventually(name, withinMs, holds)
    // There need not be any other event at that moment.
    this.at(this.nowMs + withinMs, () => undefined)
  }

  expectInbox(pid: Pid, from?: Pid): Expectation {
    return this.#lanes.expectInbox(pid, from)
  }

  expectOutput(pid: Pid): Expectation {
    return this.#lanes.expectOutput(pid)
  }

  expectLinks(pid: Pid): Expectation {
    return this.#lanes.expectLinks(pid)
  }

  expectDead(pid: Pid): Expectation {
    return this.#lanes.expectDead(pid)
  }

  sends(...lane: Parameters<World['sends']>): void {
    this.#lanes.sends(...lane)
  }

  check(name: string, violations: (trace: Observable<TraceEvent>) => Observable<string>): void {
    this.#checks.check(name, violations(this.trace))
  }

  /** Waits for what must still come to be, and closes everything. @throws SimulationError */
  end(): void {
    const untilMs = Math.max(this.#checks.deadlineMs, this.#lanes.untilMs)
    if (untilMs > this.nowMs) this.run(untilMs - this.nowMs)
    const unexpected = this.#lanes.look()
    if (unexpected !== undefined) throw new SimulationError(unexpected, this.seed)
    this.cluster.audit()
    const lives: [Pid, Life][] = [...this.cluster.lives]
    for (const [, { process, node, running }] of lives) {
      process.now(() => {
        running.unsubscribe()
        void node.close()
      })
    }
    applyFault(this, { type: 'heal' })
    for (const pid of this.pids) this.cluster.resume(pid)
    this.runUntil(() => this.cluster.closed, CLOSING_MS)
    this.cluster.audit()
    for (const [pid, life] of lives) this.cluster.settled(pid, life)
    this.#settle()
  }

  /** The faults of the options happen from now on. */
  #begin(): void {
    const { network = [], frameMs } = this.#options
    const faults = typeof network === 'string' ? parseNetwork(network, frameMs) : network
    const { nowMs } = this
    for (const { atMs, fault } of faults) this.at(nowMs + atMs, () => this.inject(fault))
  }

  /** The end of an event: what it set off is done, and nothing may be wrong. */
  #settle(): void {
    this.turn.drain()
    this.#standstill.look(this.nowMs)
    if (this.#stray !== undefined) throw this.#stray
    this.#checks.look()
    const violation = this.#checks.violation
    if (violation === undefined) return
    const { atMs, check, detail } = violation
    if (this.#trace.observed) this.#trace.next({ atMs, type: 'violated', check, detail })
    throw new SimulationError(violation, this.seed)
  }

  #audit(): void {
    this.clock.at(this.nowMs + AUDIT_MS, () => {
      this.cluster.audit()
      this.#audit()
    })
  }

  #life(pid: Pid): Life {
    const life = this.cluster.lives.get(pid)
    if (life !== undefined) return life
    const known = this.pids.includes(pid)
    throw new Error(known ? `process ${pid} has crashed: restart(${pid}) first` : `no pid ${pid}`)
  }
}
