/** The world of a replay: a node in virtual time, with a gated transport and scripted peers. */
import type { ClusterNode } from '../../node/cluster-node.ts'
import { GatedTransport } from './gated-transport.ts'
import { MemoryNetwork } from '../../transports/memory/memory-network.ts'
import type { NodeConfig } from '../../config/config.ts'
import type { NodeTraceEvent } from '../../recording/trace-event.ts'
import { optionalFields } from '../../model/envelope.ts'
import type { Peer } from '../../model/peer.ts'
import { type PeerIncarnation, allPeersIn } from './peer-incarnations.ts'
import type { Pid } from '../../model/pid.ts'
import type { Protocol } from '../simulation/world.ts'
import { ScriptedPeer, UNLIMITED_WINDOW } from './scripted-peer.ts'
import type { Recording } from '../../recording/recording.ts'
import { ReplayProbe } from './replay-probe.ts'
import { MicrotaskQueue } from '../simulation/time/microtask-queue.ts'
import { SimProcess } from '../simulation/cluster/sim-process.ts'
import { Subscription } from 'rxjs'
import { VirtualClock } from '../simulation/time/virtual-clock.ts'
import type { VirtualTime } from '../simulation/time/in-virtual-time.ts'
import { presetRandom, countingRandom } from './preset-random.ts'
import {
  environmentOf,
  protocolScheduler,
  runProtocol,
} from '../simulation/cluster/run-protocol.ts'
import { memoryTransport } from '../../transports/memory/memory-transport.ts'
import { openConfigured } from '../../node/open-configured.ts'
import { toMicros } from '../simulation/time/micros.ts'
import { worldTime } from '../simulation/time/world-time.ts'

/** Runs the node and its scripted peers through the events of a recording. */
export class ReplayWorld {
  readonly time: VirtualTime
  readonly trace: NodeTraceEvent[] = []
  readonly #recording: Recording
  readonly #seed: number
  readonly #clock = new VirtualClock()
  readonly #microtasks = new MicrotaskQueue()
  readonly #network = new MemoryNetwork()
  readonly #peers = new Map<Pid, ScriptedPeer>()
  readonly #process: SimProcess
  readonly #probe: ReplayProbe
  readonly #transport: GatedTransport
  /** The state of each link, without its reason. */
  readonly #linkStates = new Map<Pid, string>()
  #node: ClusterNode | undefined
  #endpoint = ''
  #subscription = new Subscription()
  #nondeterminism: Error | undefined

  /** @param startMs initial time, by the clock of the recording */
  constructor(recording: Recording, seed: number, startMs: number) {
    const { pid, startedAt } = recording
    this.#recording = recording
    this.#seed = seed
    this.#clock.advanceTo(startMs)
    const source = {
      clock: this.#clock,
      microtasks: this.#microtasks,
      epochMs: startedAt.getTime(),
      timer: () => this.#traceTimer(),
    }
    this.time = worldTime(source, seed, (error) => (this.#nondeterminism ??= error))
    const process = new SimProcess(this.#clock, this.#microtasks, { pid, restarts: 0, seed })
    this.#process = process
    const microtask = (work: () => void): void => process.microtask(work)
    const pidAt = endpointsIn(recording)
    this.#transport = new GatedTransport(
      memoryTransport({ microtask, network: this.#network }),
      microtask,
      (endpoint) => pidAt.get(endpoint),
    )
    this.#probe = new ReplayProbe(
      () => this.#eventFields(),
      (event) => this.trace.push(event),
    )
  }

  /** Opens the node. */
  open(config: NodeConfig): void {
    const { pid, incarnation } = this.#recording
    const process = this.#process
    const environment = {
      ...environmentOf(process),
      // Without back-off, the node always has a connection waiting at the gate.
      random: presetRandom(incarnation, countingRandom()),
    }
    const node = process.runAs(() =>
      openConfigured(
        { ...config, ...UNLIMITED_WINDOW, recordEvents: 0 },
        environment,
        this.#transport,
        this.#probe,
      ),
    )
    this.#node = node
    this.trace.push({ ...this.#eventFields(), type: 'started', incarnation: node.incarnation })
    // Not a subscription of `node.events`: it would hide errors that nothing else sees.
    this.#probe.onEvent = (event) => {
      // The reasons are those of this transport, not of the recorded one.
      if (event.type !== 'link' || this.#linkStates.get(event.pid) === event.state) return
      this.#linkStates.set(event.pid, event.state)
      this.trace.push({ ...this.#eventFields(), type: 'link', peer: event.pid, state: event.state })
    }
    node.bound().subscribe((endpoint) => (this.#endpoint = endpoint))
    this.finishEvent()
    if (node.incarnation !== incarnation) {
      throw new Error(`bug in the replay: node ${pid} has incarnation ${node.incarnation}`)
    }
  }

  run(protocol: Protocol): void {
    const process = this.#process
    const node = this.#node as ClusterNode
    const scheduler = protocolScheduler(process, () => this.#traceTimer())
    this.#subscription = process.runAs(() =>
      runProtocol(protocol, node, process, scheduler, {
        output: (value) => this.trace.push({ ...this.#eventFields(), type: 'output', value }),
        failed: (error) => this.trace.push({ ...this.#eventFields(), type: 'failed', error }),
      }),
    )
    this.finishEvent()
  }

  /** Starts an incarnation of a peer, after crashing the one before. */
  startPeer({ pid, incarnation, afterIndex }: PeerIncarnation): void {
    this.#peers.get(pid)?.crash()
    this.finishEvent()
    const identity = { pid, restarts: afterIndex + 1, seed: this.#seed }
    const process = new SimProcess(this.#clock, this.#microtasks, identity)
    const peer = new ScriptedPeer(
      process,
      this.#network,
      this.#recording,
      this.#endpoint,
      incarnation,
    )
    this.#peers.set(pid, peer)
    this.finishEvent()
  }

  /** Runs all events up to a time. */
  advanceTo(untilMs: number): void {
    while (this.#clock.step(untilMs)) this.finishEvent()
    this.#clock.advanceTo(untilMs)
  }

  /** Applies the input events of the recording; the protocol repeats the others. */
  apply(event: NodeTraceEvent): void {
    if (event.type === 'link') {
      if (event.state === 'up') this.#transport.allow(event.peer)
      else if (event.state === 'down') this.#transport.block(event.peer)
    } else if (event.type === 'peers') this.#setPeers(event.peers)
    else if (event.type === 'received') {
      const { msgId, msg } = event
      const pid = this.#recording.pid
      this.#peers.get(event.from)?.send({ pid, msgId, ...optionalFields(event), msg })
    }
    this.finishEvent()
  }

  /** Runs all microtasks. @throws ClusterError `NONDETERMINISTIC` */
  finishEvent(): void {
    this.#microtasks.drain()
    if (this.#nondeterminism !== undefined) throw this.#nondeterminism
  }

  stop(): void {
    this.#process.runAs(() => this.#subscription.unsubscribe())
    this.finishEvent()
  }

  #setPeers(peers: readonly Peer[]): void {
    const node = this.#node as ClusterNode
    const current = node.peers.value
    const isUnchanged = ({ pid, endpoint }: Peer): boolean =>
      current.get(pid)?.endpoint === endpoint
    if (current.size === peers.length && peers.every(isUnchanged)) return
    // The link of a peer that is added again is another link.
    const pids = new Set(peers.map(({ pid }) => pid))
    for (const pid of this.#linkStates.keys()) if (!pids.has(pid)) this.#linkStates.delete(pid)
    this.#process.runAs(() => node.peers.next(new Map(peers.map((peer) => [peer.pid, peer]))))
  }

  #traceTimer(): void {
    this.trace.push({ ...this.#eventFields(), type: 'timer' })
  }

  #eventFields(): { readonly atMs: number; readonly pid: Pid } {
    return { atMs: toMicros(this.#process.nowMs), pid: this.#recording.pid }
  }
}

/** Returns the pid of each endpoint that a peer ever had. */
function endpointsIn(recording: Recording): ReadonlyMap<string, Pid> {
  return new Map(allPeersIn(recording).map(({ pid, endpoint }) => [endpoint, pid]))
}
