/** What has to happen to the links for the peers to be as they are wanted. */
import type { Peer, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'

/** What to close, what to open, and which peers are reached at another address from now on. */
export interface Reconciliation {
  readonly close: readonly Pid[]
  readonly open: readonly Peer[]
  readonly move: readonly Peer[]
}

/**
 * Compares the peers there are with those that are wanted.
 *
 * @param open the endpoint that each present peer is reached at
 * @param wanted everyone but me
 */
export function reconcile(open: ReadonlyMap<Pid, string>, wanted: Peers): Reconciliation {
  const peers = [...wanted.values()]
  return {
    close: [...open.keys()].filter((pid) => !wanted.has(pid)),
    open: peers.filter((peer) => !open.has(peer.pid)),
    move: peers.filter((peer) => open.has(peer.pid) && open.get(peer.pid) !== peer.endpoint),
  }
}
