/** Puppets: one life of a peer in a replay, a real node that says what was recorded. */
import type { Incarnation, OutgoingEnvelope } from '../../model/envelope.ts'
import type { ClusterNode } from '../../node/cluster-node.ts'
import { DEFAULT_LIMITS } from '../../model/limits.ts'
import type { MemoryNetwork } from '../../transports/memory/memory-network.ts'
import type { Pid } from '../../model/pid.ts'
import type { Recording } from '../../model/recording.ts'
import type { SimProcess } from '../sim-process.ts'
import { chanceFor } from './chance-for.ts'
import { environmentOf } from '../run-protocol.ts'
import { memoryTransport } from '../../transports/memory/memory-transport.ts'
import { mortalTransport } from './mortal-transport.ts'
import { openNode } from '../../node/open-node.ts'

/** A puppet never gives anything up: what was received then is received now. */
const FOREVER_MS = 2 ** 31 - 1
const ALL = 2 ** 31 - 1

/** What bounds a session must not delay what was recorded. */
export const WIDE_OPEN = { windowBytes: 2 ** 32 - 1 } as const

/** Where the puppet of a peer listens. */
export function puppetEndpoint(pid: Pid): string {
  return `inproc://puppet-${pid}`
}

/** One life of a peer. */
export class Puppet {
  readonly incarnation: Incarnation
  readonly #process: SimProcess
  readonly #node: ClusterNode
  readonly #kill: () => void

  /** @param endpoint where the replayed node listens */
  constructor(
    process: SimProcess,
    network: MemoryNetwork,
    { pid, cluster, limits }: Recording,
    endpoint: string,
    incarnation: Incarnation,
  ) {
    const soon = (work: () => void): void => process.soon(work)
    const { transport, kill } = mortalTransport(memoryTransport({ soon, network }))
    const environment = {
      ...environmentOf(process),
      chance: chanceFor(incarnation, process.chance),
    }
    const config = {
      ...DEFAULT_LIMITS,
      ...WIDE_OPEN,
      bufSize: ALL,
      bufBytes: Number.MAX_SAFE_INTEGER,
      maxMessageBytes: Math.max(DEFAULT_LIMITS.maxMessageBytes, limits.maxMessageBytes),
      ttlMs: FOREVER_MS,
      peerGoneMs: FOREVER_MS,
      pid: process.pid,
      cluster,
      bind: puppetEndpoint(process.pid),
      peers: new Map([[pid, { pid, endpoint }]]),
      members: new Map(),
      insecure: true,
    }
    this.incarnation = incarnation
    this.#process = process
    this.#kill = kill
    this.#node = process.now(() => openNode(environment, config, transport))
    this.#node.inbox.subscribe()
  }

  say(envelope: OutgoingEnvelope): void {
    this.#process.now(() => this.#node.outbox.next(envelope))
  }

  /** Its process is gone. */
  die(): void {
    this.#process.die()
    this.#kill()
  }
}
