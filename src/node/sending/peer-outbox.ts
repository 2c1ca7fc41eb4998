/** Sends to one peer: holds the outbound session to it, and puts the session on a link. */
import type { DeadEntry, Entry, Settlement } from '../../protocol/session/entries.ts'
import {
  type LocalNode,
  type OutboundSession,
  cancel,
  createOutboundSession,
  enqueue,
  inFlight,
  noteIncarnation,
} from '../../protocol/session/outbound-session.ts'
import type { LinkDriver, SessionObserver } from '../links/link-driver.ts'
import type { LinkState, Peer } from '../../model/peer.ts'
import type { NodeEvent, RefusalReason } from '../../model/node-event.ts'
import type { NodeCounters, PeerCounters } from '../counters.ts'
import type { ClusterError } from '../../model/cluster-error.ts'
import type { Environment } from '../../ports/environment.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { LinkPool } from '../links/link-pool.ts'
import type { LinkStates } from '../link-states.ts'
import type { PeerStats } from '../../model/stats.ts'
import type { Pid } from '../../model/pid.ts'
import type { Subject } from 'rxjs'
import type { TransportOptions } from '../../ports/transport.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { failAll } from '../../protocol/session/settlement.ts'
import { isReply } from '../../protocol/wire/entry.ts'

/** More incarnations than can answer late, or run at the same time. */
const FORMER_INCARNATIONS_MAX = 8

/** Handles what becomes of the entries of any peer. */
export interface SettlementHandler {
  settled(pid: Pid, settlement: Settlement): void
}

/** What all peers of a node share. */
export interface PeerOutboxParts {
  readonly environment: Environment
  readonly cluster: string
  /** Where the node listens, as its peers know it. */
  readonly ownEndpoint: string
  readonly localNode: LocalNode
  readonly pool: LinkPool
  readonly options: TransportOptions
  readonly counters: NodeCounters
  readonly linkStates: LinkStates
  readonly events: Pick<Subject<NodeEvent>, 'next'>
  readonly settlements: SettlementHandler
}

/**
 * The queue of one peer. This side adds entries at its end and cancels queued ones; the link sends
 * and settles them.
 */
export class PeerOutbox implements SessionObserver {
  readonly #parts: PeerOutboxParts
  readonly #session: OutboundSession
  #peer: Peer
  #link: LinkDriver | undefined
  readonly #counters: PeerCounters
  /** The latest incarnation of the peer, from either direction. */
  #incarnation: Incarnation | undefined
  #formerIncarnations: Incarnation[] = EMPTY_LIST

  constructor(parts: PeerOutboxParts, peer: Peer) {
    const { localNode, environment } = parts
    this.#parts = parts
    this.#peer = peer
    this.#counters = parts.counters.of(peer.pid)
    this.#session = createOutboundSession(localNode, peer.pid, environment.monotonicMs(), this)
  }

  /** Puts the session on a link to the peer. */
  attach(): void {
    const { environment, cluster, ownEndpoint, localNode, pool, options } = this.#parts
    const { pid, endpoint } = this.#peer
    const keyed = localNode.keys !== undefined
    const target = { cluster, to: pid, endpoint, ownEndpoint, keyed, options }
    this.#link = pool.attach(environment, target, this.#session)
  }

  get endpoint(): string {
    return this.#peer.endpoint
  }

  get pid(): Pid {
    return this.#peer.pid
  }

  get inFlight(): number {
    return inFlight(this.#session)
  }

  stats(): PeerStats {
    const { buffer, roundTripMs } = this.#session
    const { sent, delivered, dead, received } = this.#counters
    return {
      sent,
      delivered,
      dead,
      inFlight: this.inFlight,
      queued: buffer.queued,
      unacknowledged: buffer.unacked,
      received,
      roundTripMs,
    }
  }

  /** Notes which incarnation of the peer has connected to this node. */
  senderAccepted(incarnation: Incarnation): void {
    this.#detectRestart(incarnation)
    noteIncarnation(this.#session, incarnation, this.#parts.environment.monotonicMs())
  }

  /** Adds an entry to the queue. @returns what was dropped for it: counted, not yet reported */
  enqueue(entry: Entry): readonly DeadEntry[] {
    const dead = enqueue(this.#session, entry)
    const counters = this.#counters
    counters.sent++
    counters.dead += dead.length
    this.#link?.flush(this.#session, entry.waiter !== undefined || isReply(entry))
    return dead
  }

  /** Removes an entry that is still queued. @returns undefined for one that has been sent */
  cancel(entry: Entry): DeadEntry | undefined {
    const dead = cancel(this.#session, entry)
    if (dead === undefined) return undefined
    this.#counters.dead++
    // An entry behind it may be smaller than it, and fit the window.
    this.#link?.flush(this.#session, false)
    return dead
  }

  /** Moves the session to a link to another address, with all its entries. */
  migrate(peer: Peer): void {
    this.#detach(true)
    this.#peer = peer
    this.attach()
  }

  /** Leaves the link and fails all entries. @returns them: counted, not yet reported */
  close(reason: 'closed' | 'peer-removed'): DeadEntry[] {
    this.#detach(false)
    const dead = failAll(this.#session, reason)
    if (dead.length > 0) this.#counters.dead += dead.length
    return dead
  }

  recordSettlement({ delivered, dead }: Settlement): void {
    const counters = this.#counters
    counters.delivered += delivered
    counters.dead += dead.length
  }

  settled(settlement: Settlement): void {
    this.#parts.settlements.settled(this.pid, settlement)
  }

  linkState(state: LinkState, reason: string | undefined): void {
    const { pid } = this
    this.#parts.linkStates.set(pid, state, reason)
    const event = { type: 'link', pid, state } as const
    this.#parts.events.next(reason === undefined ? event : { ...event, reason })
  }

  established(): void {
    const incarnation = this.#session.receiver?.incarnation as Incarnation
    this.#detectRestart(incarnation)
    this.#parts.events.next({ type: 'accepted-by-peer', pid: this.pid, incarnation })
  }

  refused(reason: RefusalReason, detail: string): void {
    this.#parts.events.next({ type: 'refused-by-peer', pid: this.pid, reason, detail })
  }

  badFrame(detail: string): void {
    this.#parts.events.next({ type: 'bad-frame', pid: this.pid, detail })
  }

  linkFailed(error: ClusterError): void {
    this.#parts.events.next({ type: 'link-failed', pid: this.pid, error })
  }

  /**
   * Either direction may be the first to know of a new incarnation. A former one is no restart: it
   * may answer late, or run beside the other.
   */
  #detectRestart(incarnation: Incarnation): void {
    const known = this.#incarnation
    if (incarnation === known || this.#formerIncarnations.includes(incarnation)) return
    this.#incarnation = incarnation
    if (known === undefined) return
    this.#formerIncarnations = append(this.#formerIncarnations, known)
    if (this.#formerIncarnations.length > FORMER_INCARNATIONS_MAX) this.#formerIncarnations.shift()
    this.#parts.events.next({ type: 'peer-restarted', pid: this.pid, incarnation })
  }

  #detach(migrates: boolean): void {
    if (this.#link !== undefined) this.#parts.pool.detach(this.#link, this.#session, migrates)
    this.#link = undefined
  }
}
