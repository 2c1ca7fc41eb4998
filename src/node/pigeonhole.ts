/** A pigeonhole: the queue of one peer, its place on a link, and its account. */
import type { DeadEntry, Entry, Settlement } from '../core/entries.ts'
import { type Epochs, type Outbound, enqueue, openOutbound, withdraw } from '../core/outbound.ts'
import type { LinkState, Peer } from '../model/peer.ts'
import type { LinkPool, Seat } from './link-pool.ts'
import type { Environment } from '../ports/environment.ts'
import type { Incarnation } from '../model/envelope.ts'
import type { NodeConfig } from '../model/config.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Pid } from '../model/pid.ts'
import { Account } from './ledger.ts'
import { giveUpAll } from '../core/settle.ts'

/** A frame may be so much larger than the message in it: headers, and a batch of small ones. */
const PART_SLACK_BYTES = 256 * 1024

/** What a pigeonhole tells the mailroom. */
export interface PigeonholeOwner {
  settled(pid: Pid, settlement: Settlement): void
  state(pid: Pid, state: LinkState): void
  event(event: NodeEvent): void
  lagged(lagMs: number): void
}

/** What all the pigeonholes of a node share. */
export interface PigeonholeParts {
  readonly environment: Environment
  readonly config: NodeConfig
  readonly incarnation: Incarnation
  readonly pool: LinkPool
  readonly epochs: Epochs
}

/** The largest part that a node lets its peers send. */
export function maxPartBytes({ maxMessageBytes }: Pick<NodeConfig, 'maxMessageBytes'>): number {
  return maxMessageBytes + PART_SLACK_BYTES
}

/** Where there is no link yet. */
const NOWHERE: Seat = { flush: () => undefined, leave: () => undefined }

/** The queue of one peer. */
export class Pigeonhole {
  readonly account: Account
  readonly #parts: PigeonholeParts
  readonly #owner: PigeonholeOwner
  readonly #session: Outbound
  #peer: Peer
  #seat: Seat = NOWHERE

  constructor(parts: PigeonholeParts, peer: Peer, owner: PigeonholeOwner) {
    const { config, environment, incarnation, epochs } = parts
    const limits = { ...config, resendOnRestart: config.onRestart === 'resend' }
    const names = { from: config.pid, incarnation, to: peer.pid, limits, epochs }
    this.#parts = parts
    this.#owner = owner
    this.#session = openOutbound(names, environment.monotonicMs())
    this.account = new Account(this.#session)
    this.#peer = peer
  }

  /** Takes its place on a link. */
  open(): void {
    this.#seat = this.#sit()
  }

  get endpoint(): string {
    return this.#peer.endpoint
  }

  get pid(): Pid {
    return this.#peer.pid
  }

  /** Puts an entry into the queue. @returns what had to go for it, counted but not yet told */
  put(entry: Entry): DeadEntry[] {
    const dead = enqueue(this.#session, entry)
    this.account.sent++
    this.account.dead += dead.length
    this.#seat.flush()
    return dead
  }

  /** Takes an entry out of the queue; nothing where it has been written. */
  takeBack(entry: Entry): DeadEntry | undefined {
    const dead = withdraw(this.#session, entry)
    if (dead !== undefined) this.account.dead++
    return dead
  }

  /** Goes on at another address; nothing is lost. */
  move(peer: Peer): void {
    this.#seat.leave(true)
    this.#peer = peer
    this.#seat = this.#sit()
  }

  /** Gives up the link, and all that is left. @returns what is dead, counted but not yet told */
  close(reason: 'closed' | 'peer-removed'): DeadEntry[] {
    this.#seat.leave(false)
    const dead = giveUpAll(this.#session, reason)
    this.account.dead += dead.length
    return dead
  }

  #sit(): Seat {
    const { environment, config, pool } = this.#parts
    const { pid, endpoint } = this.#peer
    const options = { maxPartBytes: maxPartBytes(config) }
    const names = { cluster: config.cluster, to: pid, endpoint, options }
    return pool.join(environment, names, this.#session, {
      count: ({ delivered, dead }) => {
        this.account.delivered += delivered
        this.account.dead += dead.length
      },
      settled: (settlement) => this.#owner.settled(pid, settlement),
      state: (state) => this.#owner.state(pid, state),
      welcomed: () => {
        const incarnation = this.#session.receiver?.incarnation as Incarnation
        this.#owner.event({ type: 'welcomed', pid, incarnation })
      },
      refused: (reason, detail) => this.#owner.event({ type: 'refused', pid, reason, detail }),
      badFrame: (detail) => this.#owner.event({ type: 'bad-frame', pid, detail }),
      lagged: (lagMs) => this.#owner.lagged(lagMs),
    })
  }
}
