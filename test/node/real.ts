/** Nodes in real time, with sockets on loopback and ports that the system chooses. */
import { type Observable, filter, firstValueFrom, timeout } from 'rxjs'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'
import type { Config } from '../../src/config/config.ts'
import { type Settings, membersOf } from './world.ts'
import type { Pid } from '../../src/model/pid.ts'
import type { Transport } from '../../src/ports/transport.ts'
import { openNode } from '../../src/node/open-node.ts'
import { zmqTransport } from '../../src/transports/zmq/zmq-transport.ts'

/** Nodes that share one transport and are closed together. */
export class Real {
  readonly nodes: ClusterNode[] = []
  readonly transport: Transport

  constructor(transport = zmqTransport()) {
    this.transport = transport
  }

  /** Opens a node, without peers by default, and waits until it listens. */
  async open(
    pid: Pid,
    { bind = 'tcp://127.0.0.1:0', peers = new Map(), ...settings }: Settings = {},
  ): Promise<{ node: ClusterNode; endpoint: string }> {
    const config: Config = {
      ...DEFAULT_LIMITS,
      cluster: 'real',
      members: membersOf(pid, bind, peers),
      insecure: false,
      ...settings,
    }
    const node = openNode(config, pid, { transport: this.transport })
    this.nodes.push(node)
    return { node, endpoint: await firstValueFrom(node.bound()) }
  }

  /** Opens a cluster where every node is a peer of every other, and waits until all links are up. */
  async cluster(count: number, settings: Settings = {}): Promise<ClusterNode[]> {
    const pids = Array.from({ length: count }, (_, index) => index + 1)
    const opened = await Promise.all(pids.map((pid) => this.open(pid, settings)))
    const peers = new Map(
      opened.map(({ node, endpoint }) => [node.pid, { pid: node.pid, endpoint }]),
    )
    for (const { node } of opened) {
      node.peers.next(new Map([...peers].filter(([pid]) => pid !== node.pid)))
    }
    await Promise.all(opened.map(({ node }) => firstValueFrom(node.ready())))
    return opened.map(({ node }) => node)
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()))
  }
}

/** Returns the first value for which `predicate` holds; rejects after `timeoutMs`. */
export function until<T>(
  stream: Observable<T>,
  predicate: (value: T) => boolean,
  timeoutMs = 15_000,
): Promise<T> {
  return firstValueFrom(stream.pipe(filter(predicate), timeout(timeoutMs)))
}
