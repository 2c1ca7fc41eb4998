/** Opens a node over ZeroMQ, from a config file or an object, and waits until it listens. */
import type { Config } from '../config/config.ts'
import type { ConfigInput } from '../config/config-input.ts'
import type { ClusterNode } from './cluster-node.ts'
import type { Pid } from '../model/pid.ts'
import type { Transport } from '../ports/transport.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { checkNodeOptions } from './check-node-options.ts'
import { firstValueFrom } from 'rxjs'
import { decodeConfig } from '../config/decode-config.ts'
import { nodeConfig } from '../config/node-config.ts'
import type { NodeOptions } from './node-options.ts'
import { openConfigured } from './open-configured.ts'
import { systemEnvironment } from '../ports/system.ts'
import { readConfig } from '../config/read-config.ts'
import { readSecrets } from '../keys/read-secrets.ts'

let sharedTransport: Promise<Transport> | undefined

/**
 * Opens node `pid` of a cluster, and waits until it listens. Its peers need not be running yet.
 *
 * @param config the path or the `file:` URL of a JSON file, or an object with the same content
 * @param pid the pid of this node in the config
 * @param options limits that override those of the config, the secret of the node, the transport
 *   and the environment
 * @returns rejects with a `ClusterError`: `CONFIG_…` where the config is invalid,
 *   `PID_NOT_IN_CONFIG`, `INSECURE_BIND` or `INSECURE_CONNECT` without keys, `KEY_…`, `KEYS_…` or
 *   `CLUSTER_SECRET_INVALID` where a secret cannot be used, `ADDRESS_IN_USE` where another process
 *   listens at the address, `BIND_FAILED`, `INVALID_ARGUMENT` for a pid, transport, environment or
 *   secret that is none, `TRANSPORT_UNAVAILABLE` where ZeroMQ cannot be loaded,
 *   `DESCRIPTORS_EXHAUSTED` where this process may not open as many sockets as its peers need
 */
export async function createNode(
  config: string | URL | ConfigInput,
  pid: Pid,
  options: NodeOptions = {},
): Promise<ClusterNode> {
  checkNodeOptions('createNode', options)
  const { transport, environment = systemEnvironment, ...overrides } = options
  const { secretKey, secretKeyFile, clusterSecret, clusterSecretFile, ...settings } = overrides
  const sources = { secretKey, secretKeyFile, clusterSecret, clusterSecretFile }
  const clusterConfig: Config =
    typeof config === 'string' || config instanceof URL
      ? await readConfig(config)
      : decodeConfig(config)
  // Check first: a wrong config is reported even where ZeroMQ cannot be loaded.
  const secrets = await readSecrets(sources, process.env)
  const ownConfig = nodeConfig(clusterConfig, pid, { ...settings, ...secrets })
  const node = openConfigured(ownConfig, environment, transport ?? (await loadZeromq()))
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
      const bundled =
        'mark zeromq as external where this program is bundled, since its native addon'
      const advice = `${bundled} cannot be; otherwise install zeromq again on this platform`
      const message = `ZeroMQ cannot be loaded on ${platform} ${arch}: ${advice}`
      throw new ClusterError('TRANSPORT_UNAVAILABLE', message, { cause: error })
    },
  )
  return sharedTransport
}
