/**
 * The mailroom: where outgoing envelopes find the pigeonhole of their receiver, and where their end
 * is recorded.
 */
import type { DeadEntry, Entry, Settlement } from '../core/entries.ts'
import type { DeadLetter, DeadReason } from '../model/dead-letter.ts'
import type { LinkState, Peer, Peers } from '../model/peer.ts'
import type { PeerStats, Tally } from '../model/stats.ts'
import { Pigeonhole, type PigeonholeOwner, type PigeonholeParts } from './pigeonhole.ts'
import { type Stamped, type Stamper, type Unstampable, addressed } from './stamp.ts'
import { Account, total } from './ledger.ts'
import { BROADCAST } from '../model/pid.ts'
import { Delivery } from './delivery.ts'
import type { LargeMemory } from './large-memory.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Pid } from '../model/pid.ts'
import type { Probe } from '../ports/probe.ts'
import { TurnClock } from './turn-clock.ts'
import { bodyStart, readEntryHeader } from '../core/wire/entry.ts'
import { reconcile } from '../core/reconcile.ts'

/** What the mailroom tells the node. */
export interface MailroomOwner {
  /** Whether anybody reads dead letters: opening them costs. */
  readonly deadLettersObserved: boolean
  dead(letter: DeadLetter): void
  event(event: NodeEvent): void
  state(pid: Pid, state: LinkState): void
  /** Something has left the queues. */
  settled(): void
}

/** Envelopes that may wait for so long are stamped with the time of the turn. */
const PATIENT_MS = 10_000

/** What a mailroom is made of. */
export interface MailroomParts extends PigeonholeParts {
  readonly stamper: Stamper
  readonly memory: LargeMemory
  readonly probe: Probe | undefined
}

/** Sorts outgoing mail, one pigeonhole per peer. */
export class Mailroom {
  readonly #parts: PigeonholeParts
  readonly #stamper: Stamper
  readonly #memory: LargeMemory
  readonly #probe: Probe | undefined
  readonly #owner: MailroomOwner
  readonly #holes = new Map<Pid, Pigeonhole>()
  /** What was for nobody I know, and what is left of former peers. */
  readonly #elsewhere = new Account()
  /** One for all of them: a large process has half a million. */
  readonly #holeOwner: PigeonholeOwner = {
    settled: (pid, settlement) => this.#settled(pid, settlement),
    state: (pid, state) => this.#owner.state(pid, state),
    event: (event) => this.#owner.event(event),
  }
  readonly #clock: TurnClock
  readonly #unwatch: () => void
  #shut = false
  #undrained: Pigeonhole[] = []

  constructor(parts: MailroomParts, owner: MailroomOwner) {
    const { stamper, memory, probe } = parts
    this.#probe = probe
    this.#parts = parts
    this.#memory = memory
    this.#clock = new TurnClock(parts.environment)
    this.#stamper = stamper
    this.#owner = owner
    this.#unwatch = parts.pool.watchLag((lagMs) => owner.event({ type: 'lagged', lagMs }))
  }

  /** Opens, closes and moves links, until the peers are as they are wanted. */
  reconcile(wanted: Peers): void {
    const present = new Map([...this.#holes].map(([pid, hole]) => [pid, hole.endpoint]))
    const { close, open, move } = reconcile(present, wanted)
    for (const pid of close) this.#remove(pid, 'peer-removed')
    for (const peer of move) this.#holes.get(peer.pid)?.move(peer)
    for (const peer of open) this.#open(peer)
  }

  /** Takes in what was put into the outbox; it never throws. */
  post(value: unknown): void {
    const stamped = this.#stamper.stamp(value)
    if ('reason' in stamped) {
      this.refuse(value, stamped)
      return
    }
    const entry = this.#entry(stamped, undefined)
    if (stamped.pid !== BROADCAST) this.#send(stamped.pid, entry)
    else for (const pid of [...this.#holes.keys()]) this.#send(pid, entry)
  }

  /** Records an envelope that could not even be stamped; a broadcast once for each receiver. */
  refuse(value: unknown, why: Unstampable): void {
    if (why.pid !== BROADCAST) this.#refuseFor(why.pid, value, why)
    else for (const pid of [...this.#holes.keys()]) this.#refuseFor(pid, value, why)
  }

  /** An envelope for one receiver, for somebody who waits for the receipt. */
  delivery(stamped: Stamped, pid: Pid): Delivery {
    const { msgId } = stamped
    return new Delivery(
      { pid, msgId },
      {
        send: (ticket) => {
          const entry = this.#entry(stamped, ticket)
          return this.#send(pid, entry) ? entry : undefined
        },
        withdraw: (entry, ticket) => {
          const dead = this.#holes.get(pid)?.takeBack(entry)
          if (dead === undefined) return false
          this.#memory.died(entry)
          // What an earlier life of the receiver may have taken is not sent again.
          if (dead.outcome === 'unknown') ticket.died(dead)
          this.#tell(pid, dead)
          this.#owner.settled()
          return true
        },
      },
    )
  }

  /** So many more envelopes of a peer were taken by the inbox. */
  received(pid: Pid, count: number): void {
    const hole = this.#holes.get(pid)
    if (hole !== undefined) hole.received += count
  }

  tally(): Tally {
    return total([this.#elsewhere, ...this.#holes.values()])
  }

  stats(): ReadonlyMap<Pid, PeerStats> {
    return new Map([...this.#holes].map(([pid, hole]) => [pid, hole.stats()]))
  }

  /** Whatever is put in from now on is dead. */
  shut(): void {
    this.#shut = true
    this.#undrained = [...this.#holes.values()]
  }

  /** Tells whether nothing is in flight any more; only once it is shut. */
  drained(): boolean {
    // Nothing is put in any more: a pigeonhole that is empty stays so.
    const undrained = this.#undrained
    while (undrained.at(-1)?.inFlight === 0) undrained.pop()
    return undrained.length === 0
  }

  /** Gives up all links, and what is left. */
  close(): void {
    this.#unwatch()
    for (const pid of [...this.#holes.keys()]) this.#remove(pid, 'closed')
  }

  #entry({ slice, ttlMs }: Stamped, ticket: Delivery | undefined): Entry {
    const { memory, start, end } = slice
    // What has little time is not robbed of any by a clock that stands still meanwhile.
    const hasTime = ttlMs >= PATIENT_MS
    const nowMs = hasTime ? this.#clock.nowMs() : this.#parts.environment.monotonicMs()
    // A whole number takes no memory of its own.
    return { memory, start, end, expiresAtMs: Math.ceil(nowMs + ttlMs), ticket }
  }

  /** @returns whether it is on its way */
  #send(pid: Pid, entry: Entry): boolean {
    this.#memory.hold(entry)
    if (this.#probe !== undefined) this.#show(this.#probe, pid, entry)
    const hole = this.#holes.get(pid)
    if (hole === undefined || this.#shut) {
      this.#countDead(hole)
      const dead = { entry, reason: this.#noWay(pid), outcome: 'not-delivered' } as const
      this.#bury(pid, dead)
      return false
    }
    const dead = hole.put(entry)
    if (dead.length === 0) return true
    for (const one of dead) this.#bury(pid, one)
    return !dead.some((one) => one.entry === entry)
  }

  #show(probe: Probe, pid: Pid, entry: Entry): void {
    const { msgId, re } = readEntryHeader(entry)
    const bytes = (): Uint8Array => entry.memory.subarray(bodyStart(entry), entry.end)
    probe.sent(pid, msgId, re, () => this.#stamper.open(pid, entry).msg, bytes)
  }

  #noWay(pid: Pid): DeadReason {
    if (this.#shut) return 'closed'
    return pid === this.#parts.config.pid ? 'self' : 'unknown-pid'
  }

  #countDead(hole: Pigeonhole | undefined): void {
    const account = hole ?? this.#elsewhere
    account.sent++
    account.dead++
  }

  #refuseFor(pid: Pid | undefined, value: unknown, { reason, detail }: Unstampable): void {
    this.#countDead(pid === undefined ? undefined : this.#holes.get(pid))
    const envelope = addressed(value, pid)
    this.#owner.dead({ envelope, reason, outcome: 'not-delivered', detail })
  }

  /** Tells everybody concerned that an entry is dead; it has been counted. */
  #bury(pid: Pid, dead: DeadEntry): void {
    this.#memory.died(dead.entry)
    if (dead.entry.ticket instanceof Delivery) dead.entry.ticket.died(dead)
    this.#tell(pid, dead)
  }

  #tell(pid: Pid, { entry, reason, outcome, detail }: DeadEntry): void {
    this.#probe?.dead(pid, readEntryHeader(entry).msgId, reason, outcome)
    if (!this.#owner.deadLettersObserved) return
    const letter = { envelope: this.#stamper.open(pid, entry), reason, outcome }
    this.#owner.dead(detail === undefined ? letter : { ...letter, detail })
  }

  #open(peer: Peer): void {
    const hole = new Pigeonhole(this.#parts, peer, this.#holeOwner)
    // It has to be there BEFORE anybody hears of its link.
    this.#holes.set(peer.pid, hole)
    hole.open()
  }

  #remove(pid: Pid, reason: 'closed' | 'peer-removed'): void {
    const hole = this.#holes.get(pid) as Pigeonhole
    const dead = hole.close(reason)
    this.#holes.delete(pid)
    this.#elsewhere.add(hole)
    for (const one of dead) this.#bury(pid, one)
    this.#owner.settled()
  }

  #settled(pid: Pid, { receipts, large, dead }: Settlement): void {
    for (const entry of large) this.#memory.taken(entry)
    for (const { ticket } of receipts) (ticket as Delivery).taken()
    for (const one of dead) this.#bury(pid, one)
    this.#owner.settled()
  }
}
