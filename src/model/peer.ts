/** Peers, and the states of the links to them. */
import type { Pid } from './pid.ts'

/** Another process, and the endpoint where it listens. */
export interface Peer {
  readonly pid: Pid
  /** `tcp://host:port`, `ipc://path` or `inproc://name`. */
  readonly endpoint: string
}

/** The other members of the cluster, by pid. */
export type Peers = ReadonlyMap<Pid, Peer>

/**
 * The state of the link to a peer.
 *
 * - `connecting`: not connected yet, and no attempt has failed yet
 * - `up`: the peer has accepted the session, and answers
 * - `unresponsive`: the socket is connected, but the peer's event loop does not answer
 * - `down`: refused, lost, or not a member; tried again with back-off
 */
export type LinkState = 'connecting' | 'up' | 'unresponsive' | 'down'

/** The state of the link to every peer. */
export type Links = ReadonlyMap<Pid, LinkState>
