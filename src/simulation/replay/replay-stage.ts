/** The stage of a replay: a node in virtual time, its gate, and the puppets around it. */
import type { ClusterNode } from '../../node/cluster-node.ts'
import { Gate } from './gate.ts'
import { MemoryNetwork } from '../../transports/memory/memory-network.ts'
import type { NodeConfig } from '../../model/config.ts'
import type { NodeTraceEvent } from '../../model/trace-event.ts'
import type { Peer } from '../../model/peer.ts'
import { type PeerLife, everybodyIn } from './lives.ts'
import type { Pid } from '../../model/pid.ts'
import type { Protocol } from '../world.ts'
import { Puppet, WIDE_OPEN } from './puppet.ts'
import type { Recording } from '../../model/recording.ts'
import { ReplayProbe } from './replay-probe.ts'
import { SimProcess, Turn, toMicros } from '../sim-process.ts'
import { Subscription } from 'rxjs'
import { VirtualClock } from '../virtual-clock.ts'
import type { VirtualTime } from '../in-virtual-time.ts'
import { chanceFor, promptChance } from './chance-for.ts'
import { environmentOf, protocolScheduler, runProtocol } from '../run-protocol.ts'
import { memoryTransport } from '../../transports/memory/memory-transport.ts'
import { openNode } from '../../node/open-node.ts'
import { worldTime } from '../world-time.ts'

/** What happens on it: everybody is real, and does what the recording says. */
export class ReplayStage {
  readonly time: VirtualTime
  readonly trace: NodeTraceEvent[] = []
  readonly #recording: Recording
  readonly #seed: number
  readonly #clock = new VirtualClock()
  readonly #turn = new Turn()
  readonly #network = new MemoryNetwork()
  readonly #puppets = new Map<Pid, Puppet>()
  readonly #process: SimProcess
  readonly #probe: ReplayProbe
  readonly #gate: Gate
  #node: ClusterNode | undefined
  #endpoint = ''
  #running = new Subscription()
  #stray: Error | undefined

  /** @param startMs when the clock starts, by the clock of the recording */
  constructor(recording: Recording, seed: number, startMs: number) {
    const { pid, startedAt } = recording
    this.#recording = recording
    this.#seed = seed
    this.#clock.reach(startMs)
    const source = {
      clock: this.#clock,
      turn: this.#turn,
      epochMs: startedAt.getTime(),
      timer: () => this.#timer(),
    }
    this.time = worldTime(source, seed, (error) => (this.#stray ??= error))
    const process = new SimProcess(this.#clock, this.#turn, { pid, life: 0, seed })
    this.#process = process
    const soon = (work: () => void): void => process.soon(work)
    const pidAt = endpointsIn(recording)
    this.#gate = new Gate(memoryTransport({ soon, network: this.#network }), soon, (endpoint) =>
      pidAt.get(endpoint),
    )
    this.#probe = new ReplayProbe(
      () => this.#stamp(),
      (event) => this.trace.push(event),
    )
  }

  /** Opens the node, as its config says. */
  open(config: NodeConfig): void {
    const { pid, incarnation } = this.#recording
    const process = this.#process
    const environment = {
      ...environmentOf(process),
      // So that a call waits at the gate whenever it opens.
      chance: chanceFor(incarnation, promptChance()),
    }
    const node = process.now(() =>
      openNode(environment, { ...config, ...WIDE_OPEN, record: 0 }, this.#gate, this.#probe),
    )
    this.#node = node
    this.trace.push({ ...this.#stamp(), type: 'started', incarnation: node.incarnation })
    node.events.subscribe((event) => {
      if (event.type !== 'link') return
      this.trace.push({ ...this.#stamp(), type: 'link', peer: event.pid, state: event.state })
    })
    node.bound().subscribe((endpoint) => (this.#endpoint = endpoint))
    this.settle()
    if (node.incarnation !== incarnation) throw new Error(`node ${pid} has another incarnation`)
  }

  play(protocol: Protocol): void {
    const process = this.#process
    const node = this.#node as ClusterNode
    const scheduler = protocolScheduler(process, () => this.#timer())
    this.#running = process.now(() =>
      runProtocol(protocol, node, process, scheduler, {
        output: (value) => this.trace.push({ ...this.#stamp(), type: 'output', value }),
        failed: (error) => this.trace.push({ ...this.#stamp(), type: 'failed', error }),
      }),
    )
    this.settle()
  }

  /** A peer begins a life; the one before is over. */
  live({ pid, incarnation, after }: PeerLife): void {
    this.#puppets.get(pid)?.die()
    this.settle()
    const who = { pid, life: after + 1, seed: this.#seed }
    const process = new SimProcess(this.#clock, this.#turn, who)
    const puppet = new Puppet(process, this.#network, this.#recording, this.#endpoint, incarnation)
    this.#puppets.set(pid, puppet)
    this.settle()
  }

  /** Lets time pass. */
  run(untilMs: number): void {
    while (this.#clock.step(untilMs)) this.settle()
    this.#clock.reach(untilMs)
  }

  /** It happens now; what the node itself did is for its protocol to do again. */
  perform(event: NodeTraceEvent): void {
    if (event.type === 'link') {
      if (event.state === 'up') this.#gate.open(event.peer)
      else if (event.state === 'down') this.#gate.shut(event.peer)
    } else if (event.type === 'peers') this.#setPeers(event.peers)
    else if (event.type === 'received') {
      const { msgId, re, msg } = event
      const pid = this.#recording.pid
      const answers = re === undefined ? {} : { re }
      this.#puppets.get(event.from)?.say({ pid, msgId, ...answers, msg })
    }
    this.settle()
  }

  /** Everything of this moment is done. @throws ClusterError `NONDETERMINISTIC` */
  settle(): void {
    this.#turn.drain()
    if (this.#stray !== undefined) throw this.#stray
  }

  end(): void {
    this.#process.now(() => this.#running.unsubscribe())
    this.settle()
  }

  #setPeers(peers: readonly Peer[]): void {
    const node = this.#node as ClusterNode
    const now = node.peers.value
    const same = ({ pid, endpoint }: Peer): boolean => now.get(pid)?.endpoint === endpoint
    if (now.size === peers.length && peers.every(same)) return
    this.#process.now(() => node.peers.next(new Map(peers.map((peer) => [peer.pid, peer]))))
  }

  #timer(): void {
    this.trace.push({ ...this.#stamp(), type: 'timer' })
  }

  #stamp(): { readonly atMs: number; readonly pid: Pid } {
    return { atMs: toMicros(this.#process.nowMs), pid: this.#recording.pid }
  }
}

/** Who was where, at any time. */
function endpointsIn(recording: Recording): ReadonlyMap<string, Pid> {
  return new Map(everybodyIn(recording).map(({ pid, endpoint }) => [endpoint, pid]))
}
