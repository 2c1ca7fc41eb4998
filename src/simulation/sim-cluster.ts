/** The processes of a simulated cluster: each with a real node, and what it runs. */
import type { NodeTraceEvent, TraceEvent } from '../model/trace-event.ts'
import type { SimulationOptions } from './world.ts'
import { Subscription } from 'rxjs'
import type { ClusterNode } from '../node/cluster-node.ts'
import type { Config } from '../model/config.ts'
import { MailCheck } from './mail-check.ts'
import type { Pid } from '../model/pid.ts'
import { SimProbe } from './sim-probe.ts'
import { SimProcess, type Turn } from './sim-process.ts'
import type { SimNetwork } from './sim-network.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { VirtualScheduler } from './virtual-scheduler.ts'
import { nodeConfig } from '../model/node-config.ts'
import { environmentOf, protocolScheduler, runProtocol } from './run-protocol.ts'
import { openNode } from '../node/open-node.ts'
import { simConfig } from './sim-config.ts'
import { simTransport } from './sim-transport.ts'

/** One life of a process and its node. */
export interface Life {
  readonly process: SimProcess
  readonly node: ClusterNode
  /** The scheduler of its protocol: its timers are in the trace. */
  readonly scheduler: VirtualScheduler
  readonly probe: SimProbe
  /** What its protocol runs. */
  readonly running: Subscription
}

/** What the cluster tells the world. */
export interface ClusterOwner {
  /** Tells whether anybody wants trace events. */
  readonly traced: boolean
  trace(event: TraceEvent): void
  violated(check: string, detail: string): void
}

/** Starts, crashes, pauses and ends the processes. */
export class SimCluster {
  readonly lives = new Map<Pid, Life>()
  readonly #open = new Set<ClusterNode>()
  readonly #clock: VirtualClock
  readonly #turn: Turn
  readonly #network: SimNetwork
  readonly #owner: ClusterOwner
  readonly #options: SimulationOptions
  readonly #seed: number
  readonly #config: Config
  readonly #mail: MailCheck
  #begun: boolean
  readonly #births = new Map<Pid, number>()
  readonly #disks = new Map<Pid, Map<string, unknown>>()

  constructor(
    world: { readonly clock: VirtualClock; readonly turn: Turn; readonly network: SimNetwork },
    pids: readonly Pid[],
    options: SimulationOptions,
    seed: number,
    owner: ClusterOwner,
  ) {
    this.#clock = world.clock
    this.#turn = world.turn
    this.#network = world.network
    this.#owner = owner
    this.#options = options
    this.#seed = seed
    this.#config = simConfig(pids, options)
    this.#begun = options.joined !== true
    this.#mail = new MailCheck(this.#config.onRestart === 'resend')
  }

  /** Tells whether every node that lives has closed. */
  get closed(): boolean {
    return this.#open.size === 0
  }

  /** Starts a process, or starts it anew. */
  start(pid: Pid): void {
    const life = this.#births.get(pid) ?? 0
    this.#births.set(pid, life + 1)
    const disk = this.#disks.get(pid) ?? new Map<string, unknown>()
    this.#disks.set(pid, disk)
    const who = { pid, life, seed: this.#seed }
    const process = new SimProcess(this.#clock, this.#turn, who, disk)
    process.now(() => this.#boot(process))
  }

  /** The story begins: whoever lives runs the protocol, and who is born later does so at once. */
  begin(): void {
    this.#begun = true
    for (const life of this.lives.values()) life.process.now(() => this.#run(life))
  }

  crash(pid: Pid): void {
    const life = this.lives.get(pid)
    if (life === undefined) return
    this.lives.delete(pid)
    this.#open.delete(life.node)
    life.process.die()
    this.#network.died(life.process)
    this.#tell({ atMs: this.#clock.nowMs, pid, type: 'crashed' })
  }

  pause(pid: Pid): void {
    const process = this.lives.get(pid)?.process
    if (process === undefined || process.paused) return
    process.pause()
    this.#network.stopped(process)
    this.#tell({ atMs: this.#clock.nowMs, pid, type: 'paused' })
  }

  resume(pid: Pid): void {
    const process = this.lives.get(pid)?.process
    if (process?.paused !== true) return
    this.#tell({ atMs: this.#clock.nowMs, pid, type: 'resumed' })
    process.resume()
  }

  /** A timer of its protocol fired. */
  timer(pid: Pid): void {
    this.#tell({ atMs: this.#clock.nowMs, pid, type: 'timer' })
  }

  /** The law that holds at every moment: what was sent is delivered, dead, or in flight. */
  audit(): void {
    for (const [pid, { node, probe }] of this.lives) {
      // Where nothing was sent, nothing has changed that matters.
      if (!probe.stirred) continue
      probe.stirred = false
      const stats = node.stats()
      for (const [peer, tally] of [['all', stats] as const, ...stats.peers]) {
        const { sent, delivered, dead, inFlight } = tally
        if (sent === delivered + dead + inFlight) continue
        const sum = `${sent} sent, ${delivered} delivered, ${dead} dead, ${inFlight} in flight`
        this.#owner.violated('nothing unaccounted', `node ${pid} to ${peer}: ${sum}`)
      }
    }
  }

  /** What must hold of a node that has closed. */
  settled(pid: Pid, { node }: Life): void {
    for (const [to, left] of this.#mail.unaccounted(node.incarnation)) {
      const detail = `${left} envelopes from ${pid} to ${to} are neither taken nor dead`
      this.#owner.violated('nothing unaccounted', detail)
    }
  }

  #boot(process: SimProcess): void {
    const { pid } = process
    const scheduler = protocolScheduler(process, () => this.timer(pid))
    const transport = simTransport(this.#network, process)
    const environment = environmentOf(process)
    const config = nodeConfig(this.#configOf(pid), pid, {})
    const probe = new SimProbe(pid, this.#clock, this.#mail, this.#owner)
    const node = openNode(environment, config, transport, probe)
    const { incarnation } = node
    probe.incarnation = incarnation
    const running = new Subscription()
    const life: Life = { process, node, scheduler, probe, running }
    this.lives.set(pid, life)
    this.#open.add(node)
    this.#tell({ atMs: this.#clock.nowMs, pid, type: 'started', incarnation })
    node.events.subscribe((event) => {
      if (event.type === 'link') {
        this.#tell({
          atMs: this.#clock.nowMs,
          pid,
          type: 'link',
          peer: event.pid,
          state: event.state,
        })
      } else if (event.type === 'closed') {
        this.#open.delete(node)
        this.#tell({ atMs: this.#clock.nowMs, pid, type: 'closed' })
      }
    })
    if (this.#begun) this.#run(life)
  }

  #run({ node, process, scheduler, running }: Life): void {
    const { protocol } = this.#options
    if (protocol === undefined) return
    const { pid } = process
    const owner = {
      output: (value: unknown) => {
        this.#tell({ atMs: this.#clock.nowMs, pid, type: 'output', value })
      },
      failed: (error: string) => {
        this.#tell({ atMs: this.#clock.nowMs, pid, type: 'failed', error })
        this.#owner.violated('no errors', `the protocol of ${pid} failed: ${error}`)
      },
    }
    running.add(runProtocol(protocol, node, process, scheduler, owner))
  }

  /** What its config file would say. */
  #configOf(pid: Pid): Config {
    const { peersOf } = this.#options
    if (peersOf === undefined) return this.#config
    return simConfig([pid, ...peersOf(pid)], this.#options)
  }

  #tell(event: NodeTraceEvent): void {
    if (this.#owner.traced) this.#owner.trace(event)
  }
}
