/** The processes of a simulated cluster, each with a real node and its protocol. */
import type { NodeTraceEvent } from '../../../recording/trace-event.ts'
import type { SimulationOptions } from '../world.ts'
import { Subscription } from 'rxjs'
import type { ClusterNode } from '../../../node/cluster-node.ts'
import type { Config } from '../../../config/config.ts'
import { DeliveryCheck } from '../checks/delivery-check.ts'
import type { Pid } from '../../../model/pid.ts'
import { SimProbe, type TraceSink } from './sim-probe.ts'
import { SimProcess } from './sim-process.ts'
import type { MicrotaskQueue } from '../time/microtask-queue.ts'
import type { SimNetwork } from '../network/sim-network.ts'
import type { VirtualClock } from '../time/virtual-clock.ts'
import type { VirtualScheduler } from '../time/virtual-scheduler.ts'
import { checkPeersOf } from '../check-options.ts'
import { environmentOf, protocolScheduler, runProtocol } from './run-protocol.ts'
import { openNode } from '../../../node/open-node.ts'
import { simConfig } from './sim-config.ts'
import { simTransport } from '../network/sim-transport.ts'

/** A running process with its node; a restart creates another one. */
export interface NodeInstance {
  readonly process: SimProcess
  readonly node: ClusterNode
  /** The scheduler of the protocol, which traces its timers. */
  readonly scheduler: VirtualScheduler
  readonly probe: SimProbe
  /** The subscriptions of the protocol. */
  readonly running: Subscription
  /** How far `close` of the node has come. */
  phase: 'open' | 'closing' | 'closed'
  /** Whether the process is started again as soon as its node has closed. */
  restartsOnceClosed: boolean
}

/** Starts, crashes, pauses and resumes processes, and traces what they do. */
export class SimCluster {
  readonly instances = new Map<Pid, NodeInstance>()
  readonly #open = new Set<ClusterNode>()
  readonly #clock: VirtualClock
  readonly #microtasks: MicrotaskQueue
  readonly #network: SimNetwork
  readonly #sink: TraceSink
  readonly #options: SimulationOptions
  readonly #seed: number
  readonly #config: Config
  readonly #deliveryCheck: DeliveryCheck
  #protocolsStarted: boolean
  readonly #startCounts = new Map<Pid, number>()
  readonly #storages = new Map<Pid, Map<string, unknown>>()

  constructor(
    world: {
      readonly clock: VirtualClock
      readonly microtasks: MicrotaskQueue
      readonly network: SimNetwork
    },
    pids: readonly Pid[],
    options: SimulationOptions,
    seed: number,
    sink: TraceSink,
  ) {
    this.#clock = world.clock
    this.#microtasks = world.microtasks
    this.#network = world.network
    this.#sink = sink
    this.#options = options
    this.#seed = seed
    this.#config = simConfig(pids, options)
    this.#protocolsStarted = options.connected !== true
    this.#deliveryCheck = new DeliveryCheck(this.#config.onRestart === 'resend')
  }

  /** Whether every node of a running process has closed. */
  get closed(): boolean {
    return this.#open.size === 0
  }

  /** Starts or restarts a process. */
  start(pid: Pid): void {
    const restarts = this.#startCounts.get(pid) ?? 0
    this.#startCounts.set(pid, restarts + 1)
    const storage = this.#storages.get(pid) ?? new Map<string, unknown>()
    this.#storages.set(pid, storage)
    const identity = { pid, restarts, seed: this.#seed }
    const process = new SimProcess(this.#clock, this.#microtasks, identity, storage)
    process.runAs(() => this.#boot(process))
  }

  /**
   * Starts a process again that crashed, or whose node has closed; where the node is still closing,
   * as soon as it has.
   *
   * @returns false, and does nothing, if its node is open
   */
  restart(pid: Pid): boolean {
    const instance = this.instances.get(pid)
    if (instance?.phase === 'open') return false
    if (instance === undefined) this.start(pid)
    else if (instance.phase === 'closed') this.#replace(pid, instance)
    else instance.restartsOnceClosed = true
    return true
  }

  /** Runs the protocol on all processes; later ones run it when they start. */
  startProtocols(): void {
    this.#protocolsStarted = true
    for (const instance of this.instances.values())
      instance.process.runAs(() => this.#runProtocol(instance))
  }

  crash(pid: Pid): void {
    const instance = this.instances.get(pid)
    if (instance === undefined) return
    this.instances.delete(pid)
    this.#open.delete(instance.node)
    instance.process.die()
    this.#network.processDied(instance.process)
    this.#emit({ atMs: this.#clock.nowMs, pid, type: 'crashed' })
  }

  pause(pid: Pid): void {
    const process = this.instances.get(pid)?.process
    if (process === undefined || process.paused) return
    process.pause()
    this.#network.processPaused(process)
    this.#emit({ atMs: this.#clock.nowMs, pid, type: 'paused' })
  }

  resume(pid: Pid): void {
    const process = this.instances.get(pid)?.process
    if (process?.paused !== true) return
    this.#emit({ atMs: this.#clock.nowMs, pid, type: 'resumed' })
    process.resume()
  }

  /** Traces that a timer of a protocol fired. */
  timer(pid: Pid): void {
    this.#emit({ atMs: this.#clock.nowMs, pid, type: 'timer' })
  }

  /** Checks the invariant `sent = delivered + dead + inFlight` on every node. */
  audit(): void {
    for (const [pid, { node, probe }] of this.instances) {
      // Skips nodes whose counters cannot have changed.
      if (!probe.changedSinceAudit) continue
      probe.changedSinceAudit = false
      const stats = node.stats()
      for (const [peer, counters] of [['all', stats] as const, ...stats.peers]) {
        const { sent, delivered, dead, inFlight } = counters
        if (sent === delivered + dead + inFlight) continue
        const sum = `${sent} sent, ${delivered} delivered, ${dead} dead, ${inFlight} in flight`
        this.#sink.violated('nothing unaccounted', `node ${pid} to ${peer}: ${sum}`)
      }
    }
  }

  /** Checks that a closed node delivered or dead-lettered every envelope. */
  checkAccounted(pid: Pid, { node }: NodeInstance): void {
    for (const [to, count] of this.#deliveryCheck.unaccounted(node.incarnation)) {
      const detail = `${count} envelopes from ${pid} to ${to} are neither delivered nor dead`
      this.#sink.violated('nothing unaccounted', detail)
    }
  }

  /** Ends a process whose node has closed, and starts the next one. */
  #replace(pid: Pid, instance: NodeInstance): void {
    // It may have crashed in the meantime.
    if (this.instances.get(pid) !== instance) return
    this.checkAccounted(pid, instance)
    instance.process.runAs(() => instance.running.unsubscribe())
    this.instances.delete(pid)
    instance.process.die()
    this.#network.processDied(instance.process)
    this.start(pid)
  }

  #boot(process: SimProcess): void {
    const { pid } = process
    const scheduler = protocolScheduler(process, () => this.timer(pid))
    const transport = simTransport(this.#network, process)
    const environment = environmentOf(process)
    const probe = new SimProbe(pid, this.#clock, this.#deliveryCheck, this.#sink)
    const node = openNode(this.#configOf(pid), pid, { environment, transport, probe })
    const { incarnation } = node
    probe.incarnation = incarnation
    const running = new Subscription()
    const instance: NodeInstance = {
      process,
      node,
      scheduler,
      probe,
      running,
      phase: 'open',
      restartsOnceClosed: false,
    }
    const close = node.close.bind(node)
    node.close = () => {
      if (instance.phase === 'open') instance.phase = 'closing'
      return close()
    }
    this.instances.set(pid, instance)
    this.#open.add(node)
    this.#emit({ atMs: this.#clock.nowMs, pid, type: 'started', incarnation })
    // Not a subscription of `node.events`: it would hide errors that nothing else sees.
    probe.onEvent = (event) => {
      if (event.type === 'link') {
        const { pid: peer, state, reason } = event
        const link = { atMs: this.#clock.nowMs, pid, type: 'link', peer, state } as const
        this.#emit(reason === undefined ? link : { ...link, reason })
      } else if (event.type === 'closed') {
        this.#open.delete(node)
        instance.phase = 'closed'
        if (instance.restartsOnceClosed)
          this.#clock.at(this.#clock.nowMs, () => this.#replace(pid, instance))
        this.#emit({ atMs: this.#clock.nowMs, pid, type: 'closed' })
      }
    }
    const first = node.peers.value
    node.peers.subscribe((current) => {
      if (current === first || !this.#sink.traced) return
      const peers = [...current.values()]
      this.#emit({ atMs: this.#clock.nowMs, pid, type: 'peers', peers })
    })
    if (this.#protocolsStarted) this.#runProtocol(instance)
  }

  #runProtocol({ node, process, scheduler, running }: NodeInstance): void {
    const { protocol } = this.#options
    if (protocol === undefined) return
    const { pid } = process
    const observer = {
      output: (value: unknown) => {
        this.#emit({ atMs: this.#clock.nowMs, pid, type: 'output', value })
      },
      failed: (error: string) => {
        this.#emit({ atMs: this.#clock.nowMs, pid, type: 'failed', error })
        this.#sink.violated('no errors', `the protocol of ${pid} failed: ${error}`)
      },
    }
    running.add(runProtocol(protocol, node, process, scheduler, observer))
  }

  /** Returns the config of a node: `peersOf` may give each node other peers. */
  #configOf(pid: Pid): Config {
    const { peersOf } = this.#options
    if (peersOf === undefined) return this.#config
    const peers = peersOf(pid)
    checkPeersOf(pid, peers, [...this.#config.members.keys()])
    return simConfig([pid, ...peers], this.#options)
  }

  #emit(event: NodeTraceEvent): void {
    if (this.#sink.traced) this.#sink.trace(event)
  }
}
