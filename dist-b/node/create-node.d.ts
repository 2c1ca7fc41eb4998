import type { Limits } from '../model/limits.ts';
import type { ClusterNode } from './cluster-node.ts';
import type { Environment } from '../ports/environment.ts';
import type { Pid } from '../model/pid.ts';
import type { Transport } from '../ports/transport.ts';
/** What may be set beside the config: every limit, and where the node lives. */
export interface NodeOptions extends Partial<Limits> {
    /** Lets a node bind to more than loopback without keys: whoever reaches the port can join. Default false. */
    readonly insecure?: boolean;
    /** What moves its frames. Default: ZeroMQ, one instance per process. */
    readonly transport?: Transport;
    /** Its time and its chance. Default: the real ones. */
    readonly environment?: Environment;
}
/** The real world. */
export declare const REAL_ENVIRONMENT: Environment;
/**
 * Opens node `pid` of a cluster, and waits until it listens. Its peers need not be there yet.
 *
 * @param config the path of a JSON file, or what would stand in it
 * @param pid who of the config's peers this process is
 * @param options limits that override the config's, and the world to live in
 * @returns rejects with a `ClusterError`: `CONFIG_…` where the config is wrong, `PID_NOT_IN_CONFIG`, `INSECURE_BIND`,
 *   `ADDRESS_IN_USE` where somebody else listens there, `BIND_FAILED`, `TRANSPORT_UNAVAILABLE` where ZeroMQ cannot be loaded
 */
export declare function createNode(config: unknown, pid: Pid, options?: NodeOptions): Promise<ClusterNode>;
