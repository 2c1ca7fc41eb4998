/** Puppets: one life of a peer in a replay, a real node that says what was recorded. */
import type { Incarnation, OutgoingEnvelope } from '../../model/envelope.ts'
import type { ClusterNode } from '../../node/cluster-node.ts'
import { DEFAULT_LIMITS } from '../../model/limits.ts'
import type { MemoryNetwork } from '../../transports/memory/memory-network.ts'
import type { Pid } from '../../model/pid.ts'
import type { Recording } from '../../recording/recording.ts'
import type { SimProcess } from '../simulation/cluster/sim-process.ts'
import { presetRandom } from './preset-random.ts'
import { environmentOf } from '../simulation/cluster/run-protocol.ts'
import { memoryTransport } from '../../transports/memory/memory-transport.ts'
import { killableTransport } from './killable-transport.ts'
import { openConfigured } from '../../node/open-node.ts'

/** A puppet never gives anything up: what was received then is received now. */
const NEVER_MS = 2 ** 31 - 1
const BUF_SIZE_MAX = 2 ** 31 - 1

/** What bounds a session must not delay what was recorded. */
export const UNLIMITED_WINDOW = { windowBytes: 2 ** 32 - 1 } as const

/** Where the puppet of a peer listens. */
export function scriptedPeerEndpoint(pid: Pid): string {
  return `inproc://scripted-peer-${pid}`
}

/** One life of a peer. */
export class ScriptedPeer {
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
    const microtask = (work: () => void): void => process.microtask(work)
    const { transport, kill } = killableTransport(memoryTransport({ microtask, network }))
    const environment = {
      ...environmentOf(process),
      random: presetRandom(incarnation, process.random),
    }
    const config = {
      ...DEFAULT_LIMITS,
      ...UNLIMITED_WINDOW,
      bufSize: BUF_SIZE_MAX,
      bufBytes: Number.MAX_SAFE_INTEGER,
      maxMessageBytes: Math.max(DEFAULT_LIMITS.maxMessageBytes, limits.maxMessageBytes),
      ttlMs: NEVER_MS,
      peerTimeoutMs: NEVER_MS,
      pid: process.pid,
      cluster,
      bind: scriptedPeerEndpoint(process.pid),
      peers: new Map([[pid, { pid, endpoint }]]),
      members: new Map(),
      insecure: true,
    }
    this.incarnation = incarnation
    this.#process = process
    this.#kill = kill
    this.#node = process.runAs(() => openConfigured(config, environment, transport))
    this.#node.inbox.subscribe()
  }

  send(envelope: OutgoingEnvelope): void {
    this.#process.runAs(() => this.#node.outbox.next(envelope))
  }

  /** Its process is gone. */
  crash(): void {
    this.#process.die()
    this.#kill()
  }
}
