import type { NodeConfig } from './config.ts'
import type { Peers } from './peer.ts'
export function checkPeers(peers: Peers, me: number): string[] { return peers.has(me) ? ['me'] : [] }
export function endpointOf(config: NodeConfig, pid: number): string | undefined { return config.members.get(pid)?.endpoint }
