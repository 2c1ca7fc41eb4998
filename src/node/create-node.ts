/** The way most programs get a node: from a file or an object, over ZeroMQ. */
import type { Config } from '../config/config.ts'
import type { Limits } from '../model/limits.ts'
import type { ClusterNode } from './cluster-node.ts'
import type { Environment } from '../ports/environment.ts'
import type { Pid } from '../model/pid.ts'
import type { Transport } from '../ports/transport.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { systemRandom } from '../ports/system.ts'
import { asyncScheduler, firstValueFrom } from 'rxjs'
import { decodeConfig } from '../config/decode-config.ts'
import { nodeConfig } from '../config/node-config.ts'
import { openNode } from './open-node.ts'
import { readConfig } from '../config/read-config.ts'

/** What may be set beside the config: every limit, and where the node lives. */
export interface NodeOptions extends Partial<Limits> {
  /**
   * Lets a node bind to more than loopback without keys: whoever reaches the port can join. Default
   * false.
   */
  readonly insecure?: boolean
  /** What moves its frames. Default: ZeroMQ, one instance per process. */
  readonly transport?: Transport
  /** Its time and its chance. Default: the real ones. */
  readonly environment?: Environment
}

/** The real world. */
export const systemEnvironment: Environment = {
  scheduler: asyncScheduler,
  random: systemRandom,
  monotonicMs: () => performance.now(),
  microtask: (work) => queueMicrotask(work),
}

let sharedTransport: Promise<Transport> | undefined

/**
 * Opens node `pid` of a cluster, and waits until it listens. Its peers need not be there yet.
 *
 * @param config the path of a JSON file, or what would stand in it
 * @param pid who of the config's peers this process is
 * @param options limits that override the config's, and the world to live in
 * @returns rejects with a `ClusterError`: `CONFIG_…` where the config is wrong,
 *   `PID_NOT_IN_CONFIG`, `INSECURE_BIND`, `ADDRESS_IN_USE` where somebody else listens there,
 *   `BIND_FAILED`, `TRANSPORT_UNAVAILABLE` where ZeroMQ cannot be loaded, `DESCRIPTORS_EXHAUSTED`
 *   where this process may not open as many sockets as its peers need
 */
export async function createNode(
  config: unknown,
  pid: Pid,
  options: NodeOptions = {},
): Promise<ClusterNode> {
  const { transport, environment = systemEnvironment, ...overrides } = options
  const clusterConfig: Config =
    typeof config === 'string' ? await readConfig(config) : decodeConfig(config)
  const ownConfig = nodeConfig(clusterConfig, pid, overrides)
  const node = openNode(environment, ownConfig, transport ?? (await loadZeromq()))
  try {
    await firstValueFrom(node.bound())
  } catch (error) {
    await node.close()
    throw error
  }
  return node
}

function loadZeromq(): Promise<Transport> {
  sharedTransport ??= import('../transports/zmq/zmq-transport.ts').then(
    ({ zmqTransport }) => zmqTransport(),
    (error: unknown) => {
      sharedTransport = undefined
      const { platform, arch } = process
      const message = `ZeroMQ cannot be loaded on ${platform} ${arch}: reinstall the package zeromq`
      throw new ClusterError('TRANSPORT_UNAVAILABLE', message, { cause: error })
    },
  )
  return sharedTransport
}
