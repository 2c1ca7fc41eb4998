/** The types of a decoded config: of the whole cluster, and of the part for one node. */
import type { KeyRing } from '../keys/key-ring.ts'
import type { Limits } from '../model/limits.ts'
import type { Peer, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'

/** A process that the config names. */
export interface Member extends Peer {
  /** Where it binds; its peers connect to `endpoint`. */
  readonly bind: string
}

/** A whole cluster, decoded from either form of the file. Always valid. */
export interface Config extends Limits {
  /** Nodes of different clusters refuse each other. */
  readonly cluster: string
  readonly members: ReadonlyMap<Pid, Member>
  /** Present in the computed form. */
  readonly addressing?: ComputedAddresses | undefined
  /** Allows nodes to bind and connect beyond this machine without keys. */
  readonly insecure: boolean
}

/** Computes the address of any pid: a handle, followed by `startAddress + pid`. */
export interface ComputedAddresses {
  readonly selfHandle: string
  readonly peersHandle: string
  readonly startAddress: number
}

/** One node's share of a config. */
export interface NodeConfig extends Limits {
  readonly pid: Pid
  readonly cluster: string
  readonly bind: string
  /** All members but this node. */
  readonly peers: Peers
  readonly addressing?: ComputedAddresses | undefined
  /** All members, so that `addPeer` can add a removed peer by its pid alone. */
  readonly members: ReadonlyMap<Pid, Member>
  readonly insecure: boolean
  /** The keys of the node and of its peers; undefined where the cluster has none. */
  readonly keys?: KeyRing | undefined
}
