/** A scripted peer: a real node that sends what a peer sent in a recording. */
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
import { openConfigured } from '../../node/open-configured.ts'

/** No timeout: everything that was received must be received again. */
const NEVER_MS = 2 ** 31 - 1
const BUF_SIZE_MAX = 2 ** 31 - 1

/** Flow control must not delay recorded envelopes. */
export const UNLIMITED_WINDOW = { windowBytes: 2 ** 32 - 1 } as const

/** Returns the endpoint that a scripted peer binds. */
export function scriptedPeerEndpoint(pid: Pid): string {
  return `inproc://scripted-peer-${pid}`
}

/** One incarnation of a peer. */
export class ScriptedPeer {
  readonly #process: SimProcess
  readonly #node: ClusterNode
  readonly #kill: () => void

  /** @param endpoint that of the replayed node */
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
      maxMessageValues: Math.max(DEFAULT_LIMITS.maxMessageValues, limits.maxMessageValues),
      ttlMs: NEVER_MS,
      peerTimeoutMs: NEVER_MS,
      pid: process.pid,
      cluster,
      bind: scriptedPeerEndpoint(process.pid),
      peers: new Map([[pid, { pid, endpoint }]]),
      members: new Map(),
      insecure: true,
    }
    this.#process = process
    this.#kill = kill
    this.#node = process.runAs(() => openConfigured(config, environment, transport))
    this.#node.inbox.subscribe()
  }

  send(envelope: OutgoingEnvelope): void {
    this.#process.runAs(() => this.#node.outbox.next(envelope))
  }

  /** Ends its process at once. */
  crash(): void {
    this.#process.die()
    this.#kill()
  }
}
