/**
 * The mailroom: where outgoing envelopes find the pigeonhole of their receiver, and where their end
 * is recorded.
 */
import type { DeadEntry, Entry, Settlement } from '../../protocol/session/entries.ts'
import type { DeadLetter, DeadReason } from '../../model/dead-letter.ts'
import type { LinkState, Peer, Peers } from '../../model/peer.ts'
import type { PeerStats, Counters } from '../../model/stats.ts'
import { PeerOutbox, type PeerOutboxHandler, type PeerOutboxParts } from './peer-outbox.ts'
import {
  type EncodedEnvelope,
  type EnvelopeEncoder,
  type InvalidEnvelope,
  withReceiver,
} from './envelope-encoder.ts'
import { PeerCounters, sumCounters } from '../counters.ts'
import { BROADCAST } from '../../model/pid.ts'
import { Delivery } from './delivery.ts'
import type { SharedBuffers } from './shared-buffers.ts'
import type { NodeEvent } from '../../model/node-event.ts'
import type { Pid } from '../../model/pid.ts'
import type { Probe } from '../../ports/probe.ts'
import { CoarseClock } from './coarse-clock.ts'
import { bodyStart, readEntryHeader } from '../../protocol/wire/entry.ts'
import { reconcile } from '../reconcile.ts'

/** What the mailroom tells the node. */
export interface DispatcherHandler {
  /** Whether anybody reads dead letters: opening them costs. */
  readonly deadLettersObserved: boolean
  deadLetter(deadLetter: DeadLetter): void
  event(event: NodeEvent): void
  linkState(pid: Pid, linkState: LinkState): void
  /** Something has left the queues. */
  settled(): void
}

/** Envelopes that may wait for so long are stamped with the time of the turn. */
const EXACT_CLOCK_BELOW_MS = 10_000

/** What a mailroom is made of. */
export interface DispatcherParts extends PeerOutboxParts {
  readonly encoder: EnvelopeEncoder
  readonly buffers: SharedBuffers
  readonly probe: Probe | undefined
}

/** Sorts outgoing mail, one pigeonhole per peer. */
export class Dispatcher {
  readonly #shared: PeerOutboxParts
  readonly #encoder: EnvelopeEncoder
  readonly #buffers: SharedBuffers
  readonly #probe: Probe | undefined
  readonly #handler: DispatcherHandler
  readonly #peers = new Map<Pid, PeerOutbox>()
  /** What was for nobody I know, and what is left of former peers. */
  readonly #otherCounters = new PeerCounters()
  /** One for all of them: a large process has half a million. */
  readonly #outboxHandler: PeerOutboxHandler = {
    settled: (pid, settlement) => this.#settled(pid, settlement),
    linkState: (pid, state) => this.#handler.linkState(pid, state),
    event: (event) => this.#handler.event(event),
  }
  readonly #clock: CoarseClock
  readonly #stopObservingLag: () => void
  #stopped = false
  #undrained: PeerOutbox[] = []

  constructor(shared: DispatcherParts, handler: DispatcherHandler) {
    const { encoder, buffers, probe } = shared
    this.#probe = probe
    this.#shared = shared
    this.#buffers = buffers
    this.#clock = new CoarseClock(shared.environment)
    this.#encoder = encoder
    this.#handler = handler
    this.#stopObservingLag = shared.pool.observeLag((lagMs) =>
      handler.event({ type: 'event-loop-lag', lagMs }),
    )
  }

  /** Opens, closes and moves links, until the peers are as they are wanted. */
  reconcile(wanted: Peers): void {
    const present = new Map([...this.#peers].map(([pid, outbox]) => [pid, outbox.endpoint]))
    const { close, open, move } = reconcile(present, wanted)
    for (const pid of close) this.#remove(pid, 'peer-removed')
    for (const peer of move) this.#peers.get(peer.pid)?.migrate(peer)
    for (const peer of open) this.#open(peer)
  }

  /** Takes in what was put into the outbox; it never throws. */
  dispatch(value: unknown): void {
    const encoded = this.#encoder.encode(value)
    if ('reason' in encoded) {
      this.rejectInvalid(value, encoded)
      return
    }
    const entry = this.#createEntry(encoded, undefined)
    if (encoded.pid !== BROADCAST) this.#send(encoded.pid, entry)
    else for (const pid of [...this.#peers.keys()]) this.#send(pid, entry)
  }

  /** Records an envelope that could not even be stamped; a broadcast once for each receiver. */
  rejectInvalid(value: unknown, invalid: InvalidEnvelope): void {
    if (invalid.pid !== BROADCAST) this.#rejectInvalidFor(invalid.pid, value, invalid)
    else for (const pid of [...this.#peers.keys()]) this.#rejectInvalidFor(pid, value, invalid)
  }

  /** An envelope for one receiver, for somebody who waits for the receipt. */
  createDelivery(encoded: EncodedEnvelope, pid: Pid): Delivery {
    const { msgId } = encoded
    return new Delivery(
      { pid, msgId },
      {
        send: (waiter) => {
          const entry = this.#createEntry(encoded, waiter)
          return this.#send(pid, entry) ? entry : undefined
        },
        cancel: (entry, waiter) => {
          const dead = this.#peers.get(pid)?.cancel(entry)
          if (dead === undefined) return false
          this.#buffers.abandon(entry)
          // What an earlier life of the receiver may have taken is not sent again.
          if (dead.outcome === 'unknown') waiter.failed(dead)
          this.#emitDeadLetter(pid, dead)
          this.#handler.settled()
          return true
        },
      },
    )
  }

  /** So many more envelopes of a peer were taken by the inbox. */
  countReceived(pid: Pid, count: number): void {
    const outbox = this.#peers.get(pid)
    if (outbox !== undefined) outbox.received += count
  }

  counters(): Counters {
    return sumCounters([this.#otherCounters, ...this.#peers.values()])
  }

  stats(): ReadonlyMap<Pid, PeerStats> {
    return new Map([...this.#peers].map(([pid, outbox]) => [pid, outbox.stats()]))
  }

  /** Whatever is put in from now on is dead. */
  stopAccepting(): void {
    this.#stopped = true
    this.#undrained = [...this.#peers.values()]
  }

  /** Tells whether nothing is in flight any more; only once it is shut. */
  isDrained(): boolean {
    // Nothing is put in any more: a pigeonhole that is empty stays so.
    const undrained = this.#undrained
    while (undrained.at(-1)?.inFlight === 0) undrained.pop()
    return undrained.length === 0
  }

  /** Gives up all links, and what is left. */
  close(): void {
    this.#stopObservingLag()
    for (const pid of [...this.#peers.keys()]) this.#remove(pid, 'closed')
  }

  #createEntry({ entry: body, ttlMs }: EncodedEnvelope, waiter: Delivery | undefined): Entry {
    const { memory, start, end } = body
    // What has little time is not robbed of any by a clock that stands still meanwhile.
    const hasTime = ttlMs >= EXACT_CLOCK_BELOW_MS
    const nowMs = hasTime ? this.#clock.nowMs() : this.#shared.environment.monotonicMs()
    // A whole number takes no memory of its own.
    return { memory, start, end, expiresAtMs: Math.ceil(nowMs + ttlMs), waiter }
  }

  /** @returns whether it is on its way */
  #send(pid: Pid, entry: Entry): boolean {
    this.#buffers.retain(entry)
    if (this.#probe !== undefined) this.#notifyProbe(this.#probe, pid, entry)
    const outbox = this.#peers.get(pid)
    if (outbox === undefined || this.#stopped) {
      this.#countDead(outbox)
      const dead = {
        entry,
        reason: this.#undeliverableReason(pid),
        outcome: 'not-delivered',
      } as const
      this.#deadLetter(pid, dead)
      return false
    }
    const dead = outbox.enqueue(entry)
    if (dead.length === 0) return true
    for (const one of dead) this.#deadLetter(pid, one)
    return !dead.some((one) => one.entry === entry)
  }

  #notifyProbe(probe: Probe, pid: Pid, entry: Entry): void {
    const { msgId, re } = readEntryHeader(entry)
    const bytes = (): Uint8Array => entry.memory.subarray(bodyStart(entry), entry.end)
    probe.sent(pid, msgId, re, () => this.#encoder.decode(pid, entry).msg, bytes)
  }

  #undeliverableReason(pid: Pid): DeadReason {
    if (this.#stopped) return 'closed'
    return pid === this.#shared.config.pid ? 'self' : 'unknown-pid'
  }

  #countDead(outbox: PeerOutbox | undefined): void {
    const counters = outbox ?? this.#otherCounters
    counters.sent++
    counters.dead++
  }

  #rejectInvalidFor(
    pid: Pid | undefined,
    value: unknown,
    { reason, detail }: InvalidEnvelope,
  ): void {
    this.#countDead(pid === undefined ? undefined : this.#peers.get(pid))
    const envelope = withReceiver(value, pid)
    this.#handler.deadLetter({ envelope, reason, outcome: 'not-delivered', detail })
  }

  /** Tells everybody concerned that an entry is dead; it has been counted. */
  #deadLetter(pid: Pid, dead: DeadEntry): void {
    this.#buffers.abandon(dead.entry)
    if (dead.entry.waiter instanceof Delivery) dead.entry.waiter.failed(dead)
    this.#emitDeadLetter(pid, dead)
  }

  #emitDeadLetter(pid: Pid, { entry, reason, outcome, detail }: DeadEntry): void {
    this.#probe?.dead(pid, readEntryHeader(entry).msgId, reason, outcome)
    if (!this.#handler.deadLettersObserved) return
    const deadLetter = { envelope: this.#encoder.decode(pid, entry), reason, outcome }
    this.#handler.deadLetter(detail === undefined ? deadLetter : { ...deadLetter, detail })
  }

  #open(peer: Peer): void {
    const outbox = new PeerOutbox(this.#shared, peer, this.#outboxHandler)
    // It has to be there BEFORE anybody hears of its link.
    this.#peers.set(peer.pid, outbox)
    outbox.attach()
  }

  #remove(pid: Pid, reason: 'closed' | 'peer-removed'): void {
    const outbox = this.#peers.get(pid) as PeerOutbox
    const dead = outbox.close(reason)
    this.#peers.delete(pid)
    this.#otherCounters.absorb(outbox)
    for (const one of dead) this.#deadLetter(pid, one)
    this.#handler.settled()
  }

  #settled(pid: Pid, { receipts, large, dead }: Settlement): void {
    for (const entry of large) this.#buffers.release(entry)
    for (const { waiter } of receipts) (waiter as Delivery).delivered()
    for (const one of dead) this.#deadLetter(pid, one)
    this.#handler.settled()
  }
}
