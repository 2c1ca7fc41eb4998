/** Configs: a whole cluster as its file tells it, and the part that one node needs. */
import type { Limits } from '../model/limits.ts'
import type { Peer, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'

/** One process as the config names it. */
export interface Member extends Peer {
  /** Where it binds; where the others connect is its `endpoint`. */
  readonly bind: string
}

/** A whole cluster: what both forms of the file decode to. Always valid. */
export interface Config extends Limits {
  /** Nodes of different clusters refuse each other. */
  readonly cluster: string
  readonly members: ReadonlyMap<Pid, Member>
  /**
   * In the ancestor's form, the address of any pid follows from its number: handle + (start + pid).
   */
  readonly addressing?: ComputedAddresses
  /** Binding to anything but loopback or ipc without keys is refused unless this is true. */
  readonly insecure: boolean
}

/** The ancestor's rule for addresses. */
export interface ComputedAddresses {
  readonly selfHandle: string
  readonly peersHandle: string
  readonly startAddress: number
}

/** One node's share of a config. */
export interface NodeConfig extends Limits {
  readonly pid: Pid
  readonly cluster: string
  /** Where this node binds. */
  readonly bind: string
  /** Everyone but me. */
  readonly peers: Peers
  readonly addressing?: ComputedAddresses
  /**
   * Every process that the config names, so that a removed peer can be added again by its pid
   * alone.
   */
  readonly members: ReadonlyMap<Pid, Member>
  readonly insecure: boolean
}
