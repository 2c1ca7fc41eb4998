/** A pigeonhole: the queue of one peer, its place on a link, and what became of its mail. */
import type { DeadEntry, Entry, Settlement } from '../core/entries.ts'
import { type Outbound, type Sender, enqueue, openOutbound, withdraw } from '../core/outbound.ts'
import type { LinkDriver } from './link-driver.ts'
import type { SessionOwner } from './session-owner.ts'
import type { LinkState, Peer } from '../model/peer.ts'
import type { ClusterError } from '../model/cluster-error.ts'
import type { Environment } from '../ports/environment.ts'
import type { Incarnation } from '../model/envelope.ts'
import type { LinkPool } from './link-pool.ts'
import type { NodeConfig } from '../model/config.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Pid } from '../model/pid.ts'
import type { RefusalReason } from '../model/node-event.ts'
import type { TransportOptions } from '../ports/transport.ts'
import { Account } from './ledger.ts'
import { giveUpAll } from '../core/settle.ts'
import { isAnswer } from '../core/wire/entry.ts'

/** A frame may be so much larger than the message in it: headers, and a batch of small ones. */
const PART_SLACK_BYTES = 256 * 1024

/** What a pigeonhole tells the mailroom. */
export interface PigeonholeOwner {
  settled(pid: Pid, settlement: Settlement): void
  state(pid: Pid, state: LinkState): void
  event(event: NodeEvent): void
}

/** What all the pigeonholes of a node share. */
export interface PigeonholeParts {
  readonly environment: Environment
  readonly config: NodeConfig
  readonly pool: LinkPool
  readonly sender: Sender
  readonly options: TransportOptions
}

/** The largest part that a node lets its peers send. */
export function maxPartBytes({ maxMessageBytes }: Pick<NodeConfig, 'maxMessageBytes'>): number {
  return maxMessageBytes + PART_SLACK_BYTES
}

/** What all the sessions of a node share. */
export function openSender(config: NodeConfig, incarnation: Incarnation): Sender {
  const { pid, bufSize, bufBytes, overflow, windowBytes, peerGoneMs, onRestart } = config
  const resendOnRestart = onRestart === 'resend'
  const limits = { bufSize, bufBytes, overflow, windowBytes, peerGoneMs, resendOnRestart }
  return { pid, incarnation, limits, lastEpoch: 0 }
}

/** The queue of one peer. */
export class Pigeonhole extends Account implements SessionOwner {
  readonly #parts: PigeonholeParts
  readonly #owner: PigeonholeOwner
  declare protected session: Outbound
  #peer: Peer
  #link: LinkDriver | undefined

  constructor(parts: PigeonholeParts, peer: Peer, owner: PigeonholeOwner) {
    super()
    this.#parts = parts
    this.#owner = owner
    this.#peer = peer
    this.session = openOutbound(parts.sender, peer.pid, parts.environment.monotonicMs(), this)
  }

  /** Takes its place on a link. */
  open(): void {
    const { environment, config, pool, options } = this.#parts
    const { pid, endpoint } = this.#peer
    const names = { cluster: config.cluster, to: pid, endpoint, options }
    this.#link = pool.join(environment, names, this.session)
  }

  get endpoint(): string {
    return this.#peer.endpoint
  }

  get pid(): Pid {
    return this.#peer.pid
  }

  /** Puts an entry into the queue. @returns what had to go for it, counted but not yet told */
  put(entry: Entry): readonly DeadEntry[] {
    const dead = enqueue(this.session, entry)
    this.sent++
    this.dead += dead.length
    this.#link?.flush(this.session, entry.ticket !== undefined || isAnswer(entry))
    return dead
  }

  /** Takes an entry out of the queue; nothing where it has been written. */
  takeBack(entry: Entry): DeadEntry | undefined {
    const dead = withdraw(this.session, entry)
    if (dead === undefined) return undefined
    this.dead++
    // What stood behind it may be smaller, and fit.
    this.#link?.flush(this.session, false)
    return dead
  }

  /** Goes on at another address; nothing is lost. */
  move(peer: Peer): void {
    this.#leave(true)
    this.#peer = peer
    this.open()
  }

  /** Gives up the link, and all that is left. @returns what is dead, counted but not yet told */
  close(reason: 'closed' | 'peer-removed'): DeadEntry[] {
    this.#leave(false)
    const dead = giveUpAll(this.session, reason)
    this.dead += dead.length
    return dead
  }

  count({ delivered, dead }: Settlement): void {
    this.delivered += delivered
    this.dead += dead.length
  }

  settled(settlement: Settlement): void {
    this.#owner.settled(this.pid, settlement)
  }

  state(state: LinkState): void {
    this.#owner.state(this.pid, state)
  }

  welcomed(): void {
    const incarnation = this.session.receiver?.incarnation as Incarnation
    this.#owner.event({ type: 'welcomed', pid: this.pid, incarnation })
  }

  refused(reason: RefusalReason, detail: string): void {
    this.#owner.event({ type: 'refused', pid: this.pid, reason, detail })
  }

  badFrame(detail: string): void {
    this.#owner.event({ type: 'bad-frame', pid: this.pid, detail })
  }

  failed(error: ClusterError): void {
    this.#owner.event({ type: 'link-failed', pid: this.pid, error })
  }

  #leave(moves: boolean): void {
    if (this.#link !== undefined) this.#parts.pool.leave(this.#link, this.session, moves)
    this.#link = undefined
  }
}
