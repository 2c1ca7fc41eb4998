/** Peers, and the states of the links to them. */
import type { Pid } from './pid.ts'

/** Another process, and the endpoint where it listens. */
export interface Peer {
  readonly pid: Pid
  /** `tcp://host:port`, `ipc://path` or `inproc://name`. */
  readonly endpoint: string
  /**
   * Its public key, 40 characters of Z85; several while it is rotated. In a cluster with keys every
   * peer has one, but where all keys are derived from a `clusterSecret`.
   */
  readonly publicKey?: string | readonly string[] | undefined
}

/** Returns a frozen copy that holds the fields of a peer, and nothing else. */
export function frozenPeer({ pid, endpoint, publicKey }: Peer): Peer {
  if (publicKey === undefined) return Object.freeze({ pid, endpoint })
  const key = typeof publicKey === 'string' ? publicKey : Object.freeze([...publicKey])
  return Object.freeze({ pid, endpoint, publicKey: key })
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

/** The link to a peer. */
export interface Link {
  readonly state: LinkState
  /**
   * When the state began, in whole milliseconds of the clock of the node's environment: of
   * `performance.now()`, or of virtual time in a simulation.
   */
  readonly sinceMs: number
  /**
   * Why the link is `down` or `unresponsive`, for people: `getaddrinfo ENOTFOUND orders-2`. It is
   * the latest reason, and changes while the state lasts.
   */
  readonly reason?: string | undefined
}

/** The link to every peer. */
export type Links = ReadonlyMap<Pid, Link>
