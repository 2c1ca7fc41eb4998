/** A pigeonhole: the queue of one peer, its place on a link, and what became of its mail. */
import type { DeadEntry, Entry, Settlement } from '../../protocol/session/entries.ts'
import {
  type OutboundSession,
  type LocalNode,
  enqueue,
  createOutboundSession,
  cancel,
} from '../../protocol/session/outbound-session.ts'
import type { LinkDriver } from '../links/link-driver.ts'
import type { SessionObserver } from '../links/session-observer.ts'
import type { LinkState, Peer } from '../../model/peer.ts'
import type { ClusterError } from '../../model/cluster-error.ts'
import type { Environment } from '../../ports/environment.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { LinkPool } from '../links/link-pool.ts'
import type { NodeConfig } from '../../config/config.ts'
import type { NodeEvent } from '../../model/node-event.ts'
import type { Pid } from '../../model/pid.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { TransportOptions } from '../../ports/transport.ts'
import { PeerCounters } from '../counters.ts'
import { failAll } from '../../protocol/session/settlement.ts'
import { isReply } from '../../protocol/wire/entry.ts'

/** A frame may be so much larger than the message in it: headers, and a batch of small ones. */
const FRAME_OVERHEAD_BYTES = 256 * 1024

/** What a pigeonhole tells the mailroom. */
export interface PeerOutboxHandler {
  settled(pid: Pid, settlement: Settlement): void
  linkState(pid: Pid, linkState: LinkState): void
  event(event: NodeEvent): void
}

/** What all the pigeonholes of a node share. */
export interface PeerOutboxParts {
  readonly environment: Environment
  readonly config: NodeConfig
  readonly pool: LinkPool
  readonly localNode: LocalNode
  readonly options: TransportOptions
}

/** The largest part that a node lets its peers send. */
export function maxPartBytes({ maxMessageBytes }: Pick<NodeConfig, 'maxMessageBytes'>): number {
  return maxMessageBytes + FRAME_OVERHEAD_BYTES
}

/** What all the sessions of a node share. */
export function createLocalNode(config: NodeConfig, incarnation: Incarnation): LocalNode {
  const { pid, bufSize, bufBytes, overflow, windowBytes, peerTimeoutMs, onRestart } = config
  const resendOnRestart = onRestart === 'resend'
  const limits = { bufSize, bufBytes, overflow, windowBytes, peerTimeoutMs, resendOnRestart }
  return { pid, incarnation, limits, lastEpoch: 0 }
}

/** The queue of one peer. */
export class PeerOutbox extends PeerCounters implements SessionObserver {
  readonly #shared: PeerOutboxParts
  readonly #handler: PeerOutboxHandler
  declare protected session: OutboundSession
  #peer: Peer
  #link: LinkDriver | undefined

  constructor(shared: PeerOutboxParts, peer: Peer, handler: PeerOutboxHandler) {
    super()
    this.#shared = shared
    this.#handler = handler
    this.#peer = peer
    this.session = createOutboundSession(
      shared.localNode,
      peer.pid,
      shared.environment.monotonicMs(),
      this,
    )
  }

  /** Takes its place on a link. */
  attach(): void {
    const { environment, config, pool, options } = this.#shared
    const { pid, endpoint } = this.#peer
    const target = { cluster: config.cluster, to: pid, endpoint, options }
    this.#link = pool.attach(environment, target, this.session)
  }

  get endpoint(): string {
    return this.#peer.endpoint
  }

  get pid(): Pid {
    return this.#peer.pid
  }

  /** Puts an entry into the queue. @returns what had to go for it, counted but not yet told */
  enqueue(entry: Entry): readonly DeadEntry[] {
    const dead = enqueue(this.session, entry)
    this.sent++
    this.dead += dead.length
    this.#link?.flush(this.session, entry.waiter !== undefined || isReply(entry))
    return dead
  }

  /** Takes an entry out of the queue; nothing where it has been written. */
  cancel(entry: Entry): DeadEntry | undefined {
    const dead = cancel(this.session, entry)
    if (dead === undefined) return undefined
    this.dead++
    // What stood behind it may be smaller, and fit.
    this.#link?.flush(this.session, false)
    return dead
  }

  /** Goes on at another address; nothing is lost. */
  migrate(peer: Peer): void {
    this.#detach(true)
    this.#peer = peer
    this.attach()
  }

  /** Gives up the link, and all that is left. @returns what is dead, counted but not yet told */
  close(reason: 'closed' | 'peer-removed'): DeadEntry[] {
    this.#detach(false)
    const dead = failAll(this.session, reason)
    this.dead += dead.length
    return dead
  }

  recordSettlement({ delivered, dead }: Settlement): void {
    this.delivered += delivered
    this.dead += dead.length
  }

  settled(settlement: Settlement): void {
    this.#handler.settled(this.pid, settlement)
  }

  linkState(state: LinkState): void {
    this.#handler.linkState(this.pid, state)
  }

  established(): void {
    const incarnation = this.session.receiver?.incarnation as Incarnation
    this.#handler.event({ type: 'accepted-by-peer', pid: this.pid, incarnation })
  }

  refused(reason: RefusalReason, detail: string): void {
    this.#handler.event({ type: 'refused-by-peer', pid: this.pid, reason, detail })
  }

  badFrame(detail: string): void {
    this.#handler.event({ type: 'bad-frame', pid: this.pid, detail })
  }

  linkFailed(error: ClusterError): void {
    this.#handler.event({ type: 'link-failed', pid: this.pid, error })
  }

  #detach(migrates: boolean): void {
    if (this.#link !== undefined) this.#shared.pool.detach(this.#link, this.session, migrates)
    this.#link = undefined
  }
}
