import type { ClusterNode } from './cluster-node.ts';
import type { Environment } from '../ports/environment.ts';
import type { NodeConfig } from '../model/config.ts';
import type { Transport } from '../ports/transport.ts';
/**
 * Opens a node: it listens and dials from now on.
 *
 * @param environment its time and its chance
 * @param config its share of the cluster's config
 * @param transport shared by nodes that are to share their links
 */
export declare function openNode(environment: Environment, config: NodeConfig, transport: Transport): ClusterNode;
