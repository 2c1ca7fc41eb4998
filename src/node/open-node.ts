/** Opens a node synchronously, over any transport. */
import type { Config } from '../config/config.ts'
import type { ConfigInput } from '../config/config-input.ts'
import { decodeConfig, invalidConfig } from '../config/decode-config.ts'
import type { ClusterNode } from './cluster-node.ts'
import type { Pid } from '../model/pid.ts'
import type { OpenNodeOptions } from './node-options.ts'
import { checkNodeOptions } from './check-node-options.ts'
import { nodeConfig } from '../config/node-config.ts'
import { openConfigured } from './open-configured.ts'
import { systemEnvironment } from '../ports/system.ts'

/**
 * Opens node `pid` of a cluster synchronously, over any transport. It binds and dials from now on;
 * `bound()` reports when it listens.
 *
 * @param config the content of a config file, or a `Config`
 * @param pid the pid of this node in the config
 * @throws ClusterError `INVALID_ARGUMENT`, `CONFIG_INVALID`, `PID_NOT_IN_CONFIG`, `INSECURE_BIND`,
 *   `INSECURE_CONNECT`, `KEY_…`, `KEYS_…` and `CLUSTER_SECRET_INVALID` as from `createNode`, or
 *   `DESCRIPTORS_EXHAUSTED` where this process may not open as many sockets as its peers need
 */
export function openNode(
  config: ConfigInput | Config,
  pid: Pid,
  options: OpenNodeOptions,
): ClusterNode {
  checkNodeOptions('openNode', options)
  const { transport, environment = systemEnvironment, probe, ...overrides } = options
  if (typeof config === 'string' || (config as unknown) instanceof URL) {
    throw invalidConfig([
      `config: openNode does not read files (${String(config)}): use createNode`,
    ])
  }
  const clusterConfig = isConfig(config) ? config : decodeConfig(config)
  return openConfigured(nodeConfig(clusterConfig, pid, overrides), environment, transport, probe)
}

/** An object of a config file has no `members`. */
function isConfig(config: unknown): config is Config {
  return typeof config === 'object' && config !== null && 'members' in config
}
