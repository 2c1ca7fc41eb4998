/** The way most programs get a node: from a file or an object, over ZeroMQ. */
import type { Config } from '../model/config.ts'
import type { Limits } from '../model/limits.ts'
import type { ClusterNode } from './cluster-node.ts'
import type { Environment } from '../ports/environment.ts'
import type { Pid } from '../model/pid.ts'
import type { Transport } from '../ports/transport.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { ambientChance } from '../ports/ambient.ts'
import { asyncScheduler, firstValueFrom } from 'rxjs'
import { decodeConfig } from '../model/decode-config.ts'
import { nodeConfig } from '../model/node-config.ts'
import { openNode } from './open-node.ts'
import { readConfig } from './read-config.ts'

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
export const REAL_ENVIRONMENT: Environment = {
  scheduler: asyncScheduler,
  chance: ambientChance,
  monotonicMs: () => performance.now(),
  soon: (work) => queueMicrotask(work),
}

let shared: Promise<Transport> | undefined

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
  const { transport, environment = REAL_ENVIRONMENT, ...overrides } = options
  const whole: Config = typeof config === 'string' ? await readConfig(config) : decodeConfig(config)
  const mine = nodeConfig(whole, pid, overrides)
  const node = openNode(environment, mine, transport ?? (await zeromq()))
  try {
    await firstValueFrom(node.bound())
  } catch (error) {
    await node.close()
    throw error
  }
  return node
}

function zeromq(): Promise<Transport> {
  shared ??= import('../transports/zmq/zmq-transport.ts').then(
    ({ zmqTransport }) => zmqTransport(),
    (error: unknown) => {
      shared = undefined
      const { platform, arch } = process
      const message = `ZeroMQ cannot be loaded on ${platform} ${arch}: reinstall the package zeromq`
      throw new ClusterError('TRANSPORT_UNAVAILABLE', message, { cause: error })
    },
  )
  return shared
}
