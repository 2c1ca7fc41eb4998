/** One node's share of a config. */
import type { Config, NodeConfig } from './config.ts';
import type { Limits } from './limits.ts';
import type { Pid } from './pid.ts';
/** What may be set beside the config. */
export interface ConfigOverrides extends Partial<Limits> {
    readonly insecure?: boolean;
}
/**
 * Takes node `pid`'s share of a config.
 *
 * @param overrides limits that hold instead of the config's; `undefined` counts as left out
 * @throws ClusterError `PID_NOT_IN_CONFIG`; `CONFIG_INVALID` for overrides that are wrong;
 *   `INSECURE_BIND` where others than this machine could reach the node and nobody said that they
 *   may
 */
export declare function nodeConfig(config: Config, pid: Pid, overrides?: {
    readonly [K in keyof ConfigOverrides]?: ConfigOverrides[K] | undefined;
}): NodeConfig;
