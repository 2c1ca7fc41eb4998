/** Computes which links to open, close and move, from present and wanted peers. */
import type { Peer, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'

/** The changes: `move` are peers with a new address. */
export interface Reconciliation {
  readonly close: readonly Pid[]
  readonly open: readonly Peer[]
  readonly move: readonly Peer[]
}

/**
 * Compares the present peers with the wanted ones.
 *
 * @param open the endpoint of each present peer
 */
export function reconcile(open: ReadonlyMap<Pid, string>, wanted: Peers): Reconciliation {
  const peers = [...wanted.values()]
  return {
    close: [...open.keys()].filter((pid) => !wanted.has(pid)),
    open: peers.filter((peer) => !open.has(peer.pid)),
    move: peers.filter((peer) => open.has(peer.pid) && open.get(peer.pid) !== peer.endpoint),
  }
}
