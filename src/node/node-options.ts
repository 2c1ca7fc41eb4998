/** The options of `createNode` and `openNode`. */
import type { Environment } from '../ports/environment.ts'
import type { LimitOptions } from '../model/limits.ts'
import type { Probe } from '../ports/probe.ts'
import type { Transport } from '../ports/transport.ts'

/**
 * Options of `createNode`: limits that override those of the config, the secret of the node, and
 * its ports.
 */
export interface NodeOptions extends LimitOptions {
  /**
   * Lets the node bind and connect beyond this machine without keys: any process that reaches the
   * port can join the cluster. Default: false.
   */
  readonly insecure?: boolean | undefined
  /**
   * The secret key of the node, as `rx-cluster keygen` writes it; the config has its `publicKey`.
   * A node takes one of the secrets only.
   */
  readonly secretKey?: string | undefined
  /**
   * The secret of the cluster, as `rx-cluster keygen --shared` writes it: the keys of all pids are
   * derived from it, and any holder can be any pid.
   */
  readonly clusterSecret?: string | undefined
  /**
   * The file that holds the secret key. Others may not read it, and the group may not write it.
   * Default: that of the variable RX_CLUSTER_KEY_FILE, where no secret is given.
   */
  readonly secretKeyFile?: string | URL | undefined
  /**
   * The file that holds the secret of the cluster, with the same permissions. Default: that of the
   * variable RX_CLUSTER_SECRET_FILE, where no secret is given.
   */
  readonly clusterSecretFile?: string | URL | undefined
  /** Moves the frames of the node. Default: ZeroMQ, one instance per process. */
  readonly transport?: Transport | undefined
  /** Time and random numbers. Default: those of the system. */
  readonly environment?: Environment | undefined
}

/** Options of `openNode`, which reads no files and no variables. */
export interface OpenNodeOptions extends Omit<NodeOptions, 'secretKeyFile' | 'clusterSecretFile'> {
  /** Moves the frames of the node. Nodes of one process that share it share their links. */
  readonly transport: Transport
  /** Is called for every envelope that the node sends, gives up and receives. */
  readonly probe?: Probe | undefined
}
