/** The rules that peers keep: which maps may be put into `peers`, and where a bare pid is. */
import type { Peers } from './peer.ts';
import { type Pid } from './pid.ts';
import type { NodeConfig } from './config.ts';
/**
 * Every problem of a map of peers, each as `peers.4.endpoint: expected …, got …`; empty where it
 * may be.
 *
 * @param peers what somebody wants to be everyone but me; nothing about it is taken for granted
 * @param me the node itself, who is nobody's peer here
 */
export declare function checkPeers(peers: Peers, me: Pid): readonly string[];
/**
 * Where a bare pid is: where the config has it, or else where the ancestor's rule leads.
 *
 * @returns undefined where the config does not tell
 */
export declare function endpointOf(config: NodeConfig, pid: Pid): string | undefined;
