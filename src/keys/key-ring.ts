/** The keys of one node: its own pair, and the public keys of its peers, which may change. */
import type { Peer, Peers } from '../model/peer.ts'
import type { NodeKeys } from '../ports/keys.ts'
import type { Pid } from '../model/pid.ts'

/** The keys of one node, which follow its peers. */
export interface KeyRing extends NodeKeys {
  /** Whether the keys of peers follow from their pids, and are not part of a peer. */
  readonly isDerived: boolean
  /** Replaces the keys of all peers. */
  setPeers(peers: Peers): void
  /** Sets the keys of one peer. */
  setPeer(peer: Peer): void
  /** Forgets the keys of a peer. */
  removePeer(pid: Pid): void
}
