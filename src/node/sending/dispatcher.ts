/**
 * The sending side of a node: encodes envelopes, queues them by peer, reports which are delivered
 * or dead.
 */
import { type Subject, defer, merge } from 'rxjs'
import type { Counters, PeerStats } from '../../model/stats.ts'
import type { DeadEntry, Entry, Settlement } from '../../protocol/session/entries.ts'
import type { DeadLetter, DeadReason } from '../../model/dead-letter.ts'
import {
  type EncodedEnvelope,
  EnvelopeEncoder,
  type InvalidEnvelope,
  withReceiver,
} from './envelope-encoder.ts'
import type { Incarnation, OutgoingEnvelope } from '../../model/envelope.ts'
import type { Peer, Peers } from '../../model/peer.ts'
import { PeerOutbox, type PeerOutboxParts, type SettlementHandler } from './peer-outbox.ts'
import { COUNTED_VALUES_MIN } from '../../protocol/session/entries.ts'
import { BROADCAST } from '../../model/pid.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { CoarseClock } from './coarse-clock.ts'
import type { Codec } from '../../ports/codec.ts'
import { Delivery, type DeliveryQueue } from './delivery.ts'
import type { Environment } from '../../ports/environment.ts'
import type { LinkPool } from '../links/link-pool.ts'
import type { LinkStates } from '../link-states.ts'
import type { LocalNode } from '../../protocol/session/outbound-session.ts'
import type { NodeConfig } from '../../config/config.ts'
import type { NodeCounters } from '../counters.ts'
import type { NodeEvent } from '../../model/node-event.ts'
import type { Pid } from '../../model/pid.ts'
import type { Probe } from '../../ports/probe.ts'
import type { Receipts } from '../../ports/mailbox.ts'
import type { SenderObserver } from '../receiving/receiver-driver.ts'
import { SharedBuffers } from './shared-buffers.ts'
import { bodyStart, isErrorReply, readEntryHeader } from '../../protocol/wire/entry.ts'
import { maxPartBytes } from '../max-part-bytes.ts'
import { reconcile } from '../reconcile.ts'

/** Envelopes with a smaller `ttlMs` expire by the exact time instead of the coarse clock. */
const EXACT_CLOCK_BELOW_MS = 10_000

/** What a dispatcher uses. */
export interface DispatcherParts {
  readonly environment: Environment
  readonly config: NodeConfig
  readonly incarnation: Incarnation
  readonly pool: LinkPool
  readonly codec: Codec
  readonly counters: NodeCounters
  readonly linkStates: LinkStates
  readonly events: Pick<Subject<NodeEvent>, 'next'>
  readonly deadLetters: Pick<Subject<DeadLetter>, 'next' | 'observed'>
  readonly probe: Probe | undefined
}

/** Passes each outgoing envelope to the outbox of its peer. */
export class Dispatcher implements SettlementHandler, DeliveryQueue, SenderObserver {
  readonly #config: NodeConfig
  readonly #environment: Environment
  readonly #encoder: EnvelopeEncoder
  readonly #buffers: SharedBuffers
  readonly #clock: CoarseClock
  readonly #counters: NodeCounters
  readonly #deadLetters: DispatcherParts['deadLetters']
  readonly #probe: Probe | undefined
  readonly #shared: PeerOutboxParts
  readonly #peers = new Map<Pid, PeerOutbox>()
  readonly #stopObservingLag: () => void
  #stopped = false
  #undrained: PeerOutbox[] = []
  #onDrained: (() => void) | undefined

  constructor(parts: DispatcherParts) {
    const { environment, config, pool, codec, counters, linkStates, events } = parts
    this.#config = config
    this.#environment = environment
    this.#encoder = new EnvelopeEncoder(codec, config)
    this.#buffers = new SharedBuffers(codec)
    this.#clock = new CoarseClock(environment)
    this.#counters = counters
    this.#deadLetters = parts.deadLetters
    this.#probe = parts.probe
    this.#shared = {
      environment,
      cluster: config.cluster,
      ownEndpoint: config.members.get(config.pid)?.endpoint ?? '',
      localNode: localNodeOf(config, parts.incarnation),
      pool,
      options: { maxPartBytes: maxPartBytes(config) },
      counters,
      linkStates,
      events,
      settlements: this,
    }
    this.#stopObservingLag = pool.observeLag((lagMs) =>
      events.next({ type: 'event-loop-lag', lagMs }),
    )
  }

  /** Opens, closes and moves links until they are those of `wanted`. */
  reconcile(wanted: Peers): void {
    const present = new Map([...this.#peers].map(([pid, outbox]) => [pid, outbox.endpoint]))
    const { close, open, move } = reconcile(present, wanted)
    for (const pid of close) this.#remove(pid, 'peer-removed')
    for (const peer of move) this.#peers.get(peer.pid)?.migrate(peer)
    for (const peer of open) this.#open(peer)
  }

  /** Opens the link of a new peer, or moves that of a present one to another address. */
  addPeer(peer: Peer): void {
    const outbox = this.#peers.get(peer.pid)
    if (outbox === undefined) this.#open(peer)
    else if (outbox.endpoint !== peer.endpoint) outbox.migrate(peer)
  }

  /** Closes the link of a peer. */
  removePeer(pid: Pid): void {
    this.#remove(pid, 'peer-removed')
  }

  /** Sends a value that was put into the outbox. Never throws. */
  dispatch(value: unknown): void {
    const encoded = this.#encoder.encode(value)
    if ('reason' in encoded) {
      this.#rejectInvalid(value, encoded)
      this.#replyWithError(value, encoded)
      return
    }
    const entry = this.#createEntry(encoded, undefined)
    if (encoded.pid !== BROADCAST) this.#send(encoded.pid, entry)
    else for (const pid of [...this.#peers.keys()]) this.#send(pid, entry)
  }

  /**
   * Encodes an envelope now, and sends it at the first subscription.
   *
   * @param receivers the receivers of a broadcast
   */
  deliver(envelope: OutgoingEnvelope, receivers: Iterable<Pid>): Receipts {
    const encoded = this.#encoder.encode(envelope)
    if ('reason' in encoded) {
      return defer(() => {
        this.#rejectInvalid(envelope, encoded)
        this.#replyWithError(envelope, encoded)
        const message = `the envelope was not sent: ${encoded.reason} (${encoded.detail})`
        throw new ClusterError('NOT_DELIVERED', message)
      })
    }
    const { pid, msgId } = encoded
    const pids = pid === BROADCAST ? [...receivers] : [pid]
    const receipts = pids.map((receiver) => new Delivery(encoded, receiver, this).receipts)
    const [only] = receipts
    const all = receipts.length === 1 && only !== undefined ? only : merge(...receipts)
    return Object.assign(all, { msgId })
  }

  sendDelivery(delivery: Delivery): Entry | undefined {
    const entry = this.#createEntry(delivery.encoded, delivery)
    return this.#send(delivery.pid, entry) ? entry : undefined
  }

  cancelDelivery(delivery: Delivery, entry: Entry): boolean {
    const { pid } = delivery
    const dead = this.#peers.get(pid)?.cancel(entry)
    if (dead === undefined) return false
    this.#buffers.abandon(entry)
    // An earlier incarnation of the receiver may have taken it: the delivery must not resend it.
    if (dead.outcome === 'unknown') delivery.failed(dead)
    this.#emitDeadLetter(pid, dead)
    this.#checkDrained()
    return true
  }

  counters(): Counters {
    let inFlight = 0
    // Counted in the sessions, so that a wrong counter violates the invariant.
    for (const outbox of this.#peers.values()) inFlight += outbox.inFlight
    return { ...this.#counters.totals(), inFlight }
  }

  stats(): ReadonlyMap<Pid, PeerStats> {
    return new Map([...this.#peers].map(([pid, outbox]) => [pid, outbox.stats()]))
  }

  /**
   * Refuses all envelopes from now on, and calls `onDrained` once none is in flight. Never calls it
   * before `drain` returns.
   */
  drain(onDrained: () => void): void {
    this.#stopped = true
    this.#undrained = [...this.#peers.values()]
    this.#onDrained = onDrained
    this.#environment.microtask(() => this.#checkDrained())
  }

  /** Closes all links, and fails the entries that are left. */
  close(): void {
    this.#onDrained = undefined
    this.#stopObservingLag()
    for (const pid of [...this.#peers.keys()]) this.#remove(pid, 'closed')
  }

  settled(pid: Pid, { receipts, large, dead }: Settlement): void {
    for (const entry of large) this.#buffers.release(entry)
    for (const { waiter } of receipts) (waiter as Delivery).delivered()
    for (const one of dead) this.#reportDead(pid, one)
    this.#checkDrained()
  }

  senderAccepted(pid: Pid, incarnation: Incarnation): void {
    this.#peers.get(pid)?.senderAccepted(incarnation)
  }

  #checkDrained(): void {
    const onDrained = this.#onDrained
    if (onDrained === undefined) return
    // No entry is added any more: an outbox that is empty stays empty.
    while (this.#undrained.at(-1)?.inFlight === 0) this.#undrained.pop()
    if (this.#undrained.length > 0) return
    this.#onDrained = undefined
    onDrained()
  }

  #createEntry(
    { entry: body, ttlMs, toIncarnation }: EncodedEnvelope,
    waiter: Delivery | undefined,
  ): Entry {
    const { memory, start, end, values } = body
    const isLongLived = ttlMs >= EXACT_CLOCK_BELOW_MS
    const nowMs = isLongLived ? this.#clock.nowMs() : this.#environment.monotonicMs()
    // V8 stores a small integer in the entry itself, and a fraction in an object of its own.
    const expiresAtMs = Math.ceil(nowMs + ttlMs)
    // Few entries have further fields, each of which would cost every queued envelope 8 bytes. No
    // spread: it takes longer than all the rest.
    if (values >= COUNTED_VALUES_MIN) {
      const counted = { memory, start, end, expiresAtMs, waiter, values }
      return toIncarnation === undefined ? counted : { ...counted, toIncarnation }
    }
    return toIncarnation === undefined
      ? { memory, start, end, expiresAtMs, waiter }
      : { memory, start, end, expiresAtMs, waiter, toIncarnation }
  }

  /** @returns whether the entry is in the queue of the peer */
  #send(pid: Pid, entry: Entry): boolean {
    this.#buffers.retain(entry)
    if (this.#probe !== undefined) this.#notifyProbe(this.#probe, pid, entry)
    const outbox = this.#peers.get(pid)
    if (outbox === undefined || this.#stopped) {
      this.#countDead(outbox)
      const reason = this.#undeliverableReason(pid)
      this.#reportDead(pid, { entry, reason, outcome: 'not-delivered' })
      return false
    }
    const dead = outbox.enqueue(entry)
    if (dead.length === 0) return true
    for (const one of dead) this.#reportDead(pid, one)
    return !dead.some((one) => one.entry === entry)
  }

  #notifyProbe(probe: Probe, pid: Pid, entry: Entry): void {
    const header = { ...readEntryHeader(entry), isError: isErrorReply(entry) }
    const bytes = (): Uint8Array => entry.memory.subarray(bodyStart(entry), entry.end)
    probe.sent(pid, header, () => this.#encoder.decode(pid, entry), bytes)
  }

  #undeliverableReason(pid: Pid): DeadReason {
    if (this.#stopped) return 'closed'
    return pid === this.#config.pid ? 'self' : 'unknown-pid'
  }

  #countDead(outbox: PeerOutbox | undefined): void {
    const counters = outbox === undefined ? this.#counters.others : this.#counters.of(outbox.pid)
    counters.sent++
    counters.dead++
  }

  /** Reports an envelope that cannot be encoded: of a broadcast, once for each receiver. */
  #rejectInvalid(value: unknown, invalid: InvalidEnvelope): void {
    if (invalid.pid !== BROADCAST) this.#rejectInvalidFor(invalid.pid, value, invalid)
    else for (const pid of [...this.#peers.keys()]) this.#rejectInvalidFor(pid, value, invalid)
  }

  /** The requester of a reply that cannot be sent gets an error reply instead of a timeout. */
  #replyWithError(value: unknown, { pid, reason, detail }: InvalidEnvelope): void {
    if (reason === 'invalid' || pid === undefined || pid === BROADCAST) return
    const { re, toIncarnation, error } = value as Partial<OutgoingEnvelope>
    if (re === undefined || error !== undefined) return
    const message = `${reason}: ${detail}`
    this.dispatch({
      pid,
      re,
      toIncarnation,
      msg: undefined,
      error: { code: 'REPLY_NOT_SENT', message },
    })
  }

  #rejectInvalidFor(
    pid: Pid | undefined,
    value: unknown,
    { reason, detail }: InvalidEnvelope,
  ): void {
    this.#countDead(pid === undefined ? undefined : this.#peers.get(pid))
    const envelope = withReceiver(value, pid)
    this.#deadLetters.next({ envelope, reason, outcome: 'not-delivered', detail })
  }

  /** Reports a dead entry, which has been counted, to its delivery, the probe and `deadLetters`. */
  #reportDead(pid: Pid, dead: DeadEntry): void {
    this.#buffers.abandon(dead.entry)
    if (dead.entry.waiter instanceof Delivery) dead.entry.waiter.failed(dead)
    this.#emitDeadLetter(pid, dead)
  }

  #emitDeadLetter(pid: Pid, { entry, reason, outcome, detail }: DeadEntry): void {
    this.#probe?.dead(pid, readEntryHeader(entry).msgId, reason, outcome)
    // Decoding is costly.
    if (!this.#deadLetters.observed) return
    const envelope = this.#encoder.decode(pid, entry)
    const deadLetter = { envelope, reason, outcome }
    this.#deadLetters.next(detail === undefined ? deadLetter : { ...deadLetter, detail })
  }

  #open(peer: Peer): void {
    const outbox = new PeerOutbox(this.#shared, peer)
    // Register first: an event of its link may call the node.
    this.#peers.set(peer.pid, outbox)
    outbox.attach()
  }

  #remove(pid: Pid, reason: 'closed' | 'peer-removed'): void {
    const outbox = this.#peers.get(pid) as PeerOutbox
    const dead = outbox.close(reason)
    this.#peers.delete(pid)
    this.#counters.remove(pid)
    for (const one of dead) this.#reportDead(pid, one)
    this.#checkDrained()
  }
}

function localNodeOf(config: NodeConfig, incarnation: Incarnation): LocalNode {
  const { pid, keys, bufSize, bufBytes, overflow, windowBytes, peerTimeoutMs, onRestart } = config
  const resendOnRestart = onRestart === 'resend'
  const limits = { bufSize, bufBytes, overflow, windowBytes, peerTimeoutMs, resendOnRestart }
  return { pid, incarnation, keys, limits, lastEpoch: 0 }
}
