/** A world for nodes: virtual time, seeded chance and a network in memory, so that whole clusters run in a test's turn. */
import { VirtualAction, VirtualTimeScheduler } from 'rxjs'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'
import type { Environment } from '../../src/ports/environment.ts'
import { MemoryNetwork } from '../../src/transports/memory/memory-network.ts'
import type { NodeConfig } from '../../src/config/config.ts'
import type { Peer } from '../../src/model/peer.ts'
import type { Pid } from '../../src/model/pid.ts'
import type { Transport } from '../../src/ports/transport.ts'
import { memoryTransport } from '../../src/transports/memory/memory-transport.ts'
import { openNode } from '../../src/node/open-node.ts'
import { seededRandom } from '../../src/base/seeded-random.ts'

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

  /** A transport of its own, as a process would have. */
  transport(): Transport {
    return memoryTransport({ microtask: this.environment.microtask, network: this.network })
  }

  config(pid: Pid, peers: readonly Pid[], limits: Partial<NodeConfig> = {}): NodeConfig {
    const members = new Map(peers.map((other) => [other, peerOf(other)]))
    const others = [...members].filter(([other]) => other !== pid)
    return {
      ...DEFAULT_LIMITS,
      pid,
      cluster: 'test',
      bind: endpointOf(pid),
      peers: new Map(others),
      members,
      insecure: false,
      ...limits,
    }
  }

  /** Opens node `pid` of a cluster of `peers`. */
  open(
    pid: Pid,
    peers: readonly Pid[],
    limits: Partial<NodeConfig> = {},
    transport = this.transport(),
  ): ClusterNode {
    const node = openNode(this.environment, this.config(pid, peers, limits), transport)
    this.nodes.push(node)
    return node
  }

  /** Opens a whole cluster, and lets it connect. */
  cluster(count: number, limits: Partial<NodeConfig> = {}): ClusterNode[] {
    const pids = Array.from({ length: count }, (_, index) => index + 1)
    const nodes = pids.map((pid) => this.open(pid, pids, limits))
    this.run(1_000)
    return nodes
  }

  /** Lets the virtual time pass. */
  run(ms: number): void {
    const endMs = this.scheduler.frame + ms
    this.scheduler.maxFrames = endMs
    this.scheduler.flush()
    this.scheduler.frame = endMs
  }

  /** Closes everything that is open. */
  end(): void {
    for (const node of this.nodes) void node.close()
    this.run(20_000)
  }
}

export function peerOf(pid: Pid): Peer & { readonly bind: string } {
  return { pid, endpoint: endpointOf(pid), bind: endpointOf(pid) }
}
