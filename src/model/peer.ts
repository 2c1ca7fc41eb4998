/** Peers: the other processes of a cluster, and how the links to them stand. */
import type { Pid } from './pid.ts'

/** Another process and where it listens. */
export interface Peer {
  readonly pid: Pid
  /** `tcp://host:port`, `ipc://path` or `inproc://name`. */
  readonly endpoint: string
}

/** Everyone but me. */
export type Peers = ReadonlyMap<Pid, Peer>

/**
 * How the link to a peer stands.
 *
 * - `connecting`: not there yet, and nothing has gone wrong yet
 * - `up`: it has welcomed me, and answers
 * - `busy`: the socket is alive, but its event loop does not answer
 * - `down`: refused, lost, or not welcome; tried again with back-off
 */
export type LinkState = 'connecting' | 'up' | 'unresponsive' | 'down'

/** The state of the link to every peer. */
export type Links = ReadonlyMap<Pid, LinkState>
