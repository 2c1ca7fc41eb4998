/** The types of the content of a config file, in either form. */
import type { LimitOptions } from '../model/limits.ts'
import type { Pid } from '../model/pid.ts'

/** What both forms of a config may have besides their members. */
export interface CommonConfig extends LimitOptions {
  /** The location of the JSON schema, for editors; it has no effect. */
  readonly $schema?: string | undefined
  /** Nodes of different clusters refuse each other. Default: `"default"`. */
  readonly cluster?: string | undefined
  /** Allows nodes to bind and connect beyond this machine without keys. Default: false. */
  readonly insecure?: boolean | undefined
}

/** A process of the cluster, in a list of all. */
export interface MemberConfig {
  readonly pid: Pid
  /** Where its peers connect: `tcp://host:port`, `ipc://path` or `inproc://name`. */
  readonly endpoint: string
  /** Where it binds; `tcp://*:7000` is every address of the machine. Default: `endpoint`. */
  readonly bind?: string | undefined
  /**
   * Its public key, as `rx-cluster keygen` prints it; several while it is rotated. Either every
   * process has one, or none.
   */
  readonly publicKey?: string | readonly string[] | undefined
}

/** A config that lists every process with its endpoint. */
export interface ListConfig extends CommonConfig {
  /** At least one; each pid and each endpoint once. */
  readonly peers: readonly MemberConfig[]
}

/** A config whose addresses follow from the pids: a handle, and behind it `startAddress + pid`. */
export interface ComputedConfig extends CommonConfig {
  /** Where a node binds, up to the number: `tcp://*:`. */
  readonly selfHandle: string
  /** The pids of the cluster, between commas: `1,2,3`. */
  readonly peersPid: string
  /** Where its peers connect, up to the number: `tcp://127.0.0.1:`. */
  readonly peersHandle: string
  /** The number of pid 0. */
  readonly startAddress: number
}

/** The content of a config file, in either form. */
export type ConfigInput = ListConfig | ComputedConfig
