/** Virtual time, seeded random numbers and a network in memory: whole clusters run synchronously. */
import { VirtualAction, VirtualTimeScheduler } from 'rxjs'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'
import type { Environment } from '../../src/ports/environment.ts'
import { MemoryNetwork } from '../../src/transports/memory/memory-network.ts'
import type { Config, Member } from '../../src/config/config.ts'
import type { Peer, Peers } from '../../src/model/peer.ts'
import type { Pid } from '../../src/model/pid.ts'
import type { Transport } from '../../src/ports/transport.ts'
import { memoryTransport } from '../../src/transports/memory/memory-transport.ts'
import { openNode } from '../../src/node/open-node.ts'
import { seededRandom } from '../../src/base/seeded-random.ts'

/** Overrides of the config of one node. `peers` are its members, without itself. */
export interface Settings extends Partial<Config> {
  readonly bind?: string
  readonly peers?: Peers
}

export const endpointOf = (pid: Pid): string => `tcp://127.0.0.1:${5000 + pid}`

export class World {
  readonly network = new MemoryNetwork()
  readonly scheduler = new VirtualTimeScheduler(VirtualAction, 0)
  readonly environment: Environment
  readonly nodes: ClusterNode[] = []

  constructor(seed = 1) {
    const { scheduler } = this
    this.environment = {
      scheduler,
      random: seededRandom(seed),
      monotonicMs: () => scheduler.now(),
      microtask: (work) => void scheduler.schedule(work),
    }
  }

  /** Returns a new transport, as a process would have. */
  transport(): Transport {
    return memoryTransport({ microtask: this.environment.microtask, network: this.network })
  }

  /** Returns the config of a cluster of `pids`; node `pid` listens at `bind`. */
  config(pid: Pid, pids: readonly Pid[], settings: Settings = {}): Config {
    const { bind = endpointOf(pid), peers = peersOf(pids), ...rest } = settings
    const members = membersOf(pid, bind, peers)
    return { ...DEFAULT_LIMITS, cluster: 'test', members, insecure: true, ...rest }
  }

  /** Opens node `pid` of a cluster of `peers`. */
  open(
    pid: Pid,
    peers: readonly Pid[],
    settings: Settings = {},
    transport = this.transport(),
  ): ClusterNode {
    const { environment } = this
    const node = openNode(this.config(pid, peers, settings), pid, { environment, transport })
    this.nodes.push(node)
    return node
  }

  /** Opens a cluster and waits until it is connected. */
  cluster(count: number, settings: Settings = {}): ClusterNode[] {
    const pids = Array.from({ length: count }, (_, index) => index + 1)
    const nodes = pids.map((pid) => this.open(pid, pids, settings))
    this.run(1_000)
    return nodes
  }

  /** Advances virtual time. */
  run(ms: number): void {
    const endMs = this.scheduler.frame + ms
    this.scheduler.maxFrames = endMs
    this.scheduler.flush()
    this.scheduler.frame = endMs
  }

  /** Closes all nodes. */
  end(): void {
    for (const node of this.nodes) void node.close()
    this.run(20_000)
  }
}

export function peerOf(pid: Pid): Peer & { readonly bind: string } {
  return { pid, endpoint: endpointOf(pid), bind: endpointOf(pid) }
}

function peersOf(pids: readonly Pid[]): Peers {
  return new Map(pids.map((pid) => [pid, peerOf(pid)]))
}

/** Returns the members of a config: node `pid`, which listens at `bind`, and its peers. */
export function membersOf(pid: Pid, bind: string, peers: Peers): Config['members'] {
  const others = [...peers.values()].filter((peer) => peer.pid !== pid)
  const members = [{ pid, endpoint: bind, bind }, ...others.map((peer) => withBind(peer))]
  return new Map(members.map((member) => [member.pid, member]))
}

function withBind(peer: Peer): Member {
  return { ...peer, bind: peer.endpoint }
}
