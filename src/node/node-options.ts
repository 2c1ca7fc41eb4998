/** The options of `createNode` and `openNode`. */
import type { Environment } from '../ports/environment.ts'
import type { LimitOptions } from '../model/limits.ts'
import type { Probe } from '../ports/probe.ts'
import type { Transport } from '../ports/transport.ts'

/** Options of `createNode`: limits that override those of the config, and the ports of the node. */
export interface NodeOptions extends LimitOptions {
  /**
   * Lets the node bind to more than loopback without keys: any process that reaches the port can
   * join the cluster. Default: false.
   */
  readonly insecure?: boolean | undefined
  /** Moves the frames of the node. Default: ZeroMQ, one instance per process. */
  readonly transport?: Transport | undefined
  /** Time and random numbers. Default: those of the system. */
  readonly environment?: Environment | undefined
}

/** Options of `openNode`. */
export interface OpenNodeOptions extends NodeOptions {
  /** Moves the frames of the node. Nodes of one process that share it share their links. */
  readonly transport: Transport
  /** Is called for every envelope that the node sends, gives up and receives. */
  readonly probe?: Probe | undefined
}
