/** The inbox of a node: decodes the entries of received batches, and emits their envelopes. */
import type { InboundBatch, InboundSession } from '../../protocol/session/inbound-session.ts'
import { Observable, type Subject, type Subscriber } from 'rxjs'
import type { BatchConsumer, InboxReport, ReceiverDriver } from './receiver-driver.ts'
import type { Codec } from '../../ports/codec.ts'
import type { EntryCursor } from '../../protocol/wire/entry.ts'
import type { Envelope } from '../../model/envelope.ts'
import { MalformedFrame } from '../../protocol/wire/bytes.ts'
import type { NodeCounters } from '../counters.ts'
import type { NodeEvent } from '../../model/node-event.ts'
import { OrderedSubject } from '../subjects/ordered-subject.ts'
import { PendingBatch } from './pending-batch.ts'
import type { Pid } from '../../model/pid.ts'
import type { Probe } from '../../ports/probe.ts'
import { RingQueue } from '../../base/ring-queue.ts'
import { ignoresRejections } from '../../protocol/session/inbound-session.ts'

/** The limits of an inbox. */
export interface InboxLimits {
  readonly bufSize: number
  readonly maxMessageBytes: number
}

/** What an inbox uses. */
export interface InboxParts {
  readonly receiver: Pick<ReceiverDriver, 'takePending' | 'setPaused'>
  readonly codec: Codec
  readonly limits: InboxLimits
  readonly counters: NodeCounters
  readonly events: Pick<Subject<NodeEvent>, 'next'>
  readonly probe: Probe | undefined
}

/**
 * Buffers up to `bufSize` envelopes before the first subscription, and is hot after it.
 *
 * While it is paused, or that buffer is full, batches stay encoded and unacknowledged. The windows
 * of the senders bound them.
 */
export class Inbox implements BatchConsumer {
  readonly envelopes: Observable<Envelope>
  received = 0
  unobserved = 0
  readonly #subject = new OrderedSubject<Envelope>()
  readonly #receiver: InboxParts['receiver']
  readonly #codec: Codec
  readonly #limits: InboxLimits
  readonly #counters: NodeCounters
  readonly #events: Pick<Subject<NodeEvent>, 'next'>
  readonly #probe: Probe | undefined
  readonly #pending = new RingQueue<PendingBatch>()
  /** Envelopes that were taken before the first subscription, and are not yet emitted. */
  readonly #buffered = new RingQueue<Envelope>()
  #beforeFirstSubscriber = true
  #pauses = 0
  #reportedPause = false
  #unobservedReported = false

  constructor({ receiver, codec, limits, counters, events, probe }: InboxParts) {
    this.#receiver = receiver
    this.#codec = codec
    this.#limits = limits
    this.#counters = counters
    this.#events = events
    this.#probe = probe
    this.envelopes = new Observable((subscriber) => this.#subscribe(subscriber))
  }

  get pauses(): number {
    return this.#pauses
  }

  enqueue(batch: InboundBatch): void {
    this.#pending.push(new PendingBatch(batch))
  }

  take(): InboxReport | undefined {
    while (!this.#isPaused()) {
      const buffered = this.#beforeFirstSubscriber ? undefined : this.#buffered.shift()
      if (buffered !== undefined) {
        this.#emit(buffered)
        continue
      }
      const pending = this.#pending.at(0)
      if (pending === undefined) break
      if (pending.remaining > 0 && ignoresRejections(pending.session)) {
        return this.#discard(pending.session)
      }
      this.#takeFrom(pending)
      if (pending.remaining === 0) this.#pending.shift()
      const report = this.#reportOf(pending)
      if (report !== undefined) return report
    }
    this.#reportPause()
    return undefined
  }

  copyBorrowed(): void {
    for (let index = this.#pending.length - 1; index >= 0; index--) {
      const pending = this.#pending.at(index) as PendingBatch
      if (!pending.isBorrowed) return
      pending.copyBorrowed()
    }
  }

  discardNonMembers(members: Pick<ReadonlySet<Pid>, 'has'>): InboxReport | undefined {
    for (let index = 0; index < this.#pending.length; index++) {
      const pending = this.#pending.at(index) as PendingBatch
      if (!members.has(pending.session.pid)) pending.remaining = 0
    }
    // A subscriber may call this in the middle of the first batch.
    const current = this.#pending.at(0)
    if (current === undefined || members.has(current.session.pid)) return undefined
    return this.#reportOf(current)
  }

  /** Stops taking. @returns resumes; works once */
  pause(): () => void {
    this.#pauses++
    this.#reportPause()
    let paused = true
    return () => {
      if (!paused) return
      paused = false
      this.#pauses--
      this.#receiver.takePending()
      this.#reportPause()
    }
  }

  complete(): void {
    this.#pending.drain()
    this.#buffered.drain()
    this.#subject.complete()
  }

  #subscribe(subscriber: Subscriber<Envelope>): () => void {
    this.#unobservedReported = false
    const subscription = this.#subject.subscribe(subscriber)
    if (this.#beforeFirstSubscriber) {
      this.#beforeFirstSubscriber = false
      this.#receiver.takePending()
    }
    return () => subscription.unsubscribe()
  }

  #isPaused(): boolean {
    return (
      this.#pauses > 0 ||
      (this.#beforeFirstSubscriber && this.#buffered.length >= this.#limits.bufSize)
    )
  }

  #reportPause(): void {
    const paused = this.#isPaused()
    if (paused === this.#reportedPause) return
    this.#reportedPause = paused
    this.#receiver.setPaused(paused)
  }

  #discard(session: InboundSession): InboxReport {
    for (let index = 0; index < this.#pending.length; index++) {
      const pending = this.#pending.at(index) as PendingBatch
      if (pending.session === session) pending.remaining = 0
    }
    return { type: 'discarded', session }
  }

  /** Takes entries of a batch until it ends, the inbox is paused, or its sender is discarded. */
  #takeFrom(pending: PendingBatch): void {
    const { cursor } = pending
    try {
      for (; pending.remaining > 0 && pending.skip > 0; pending.skip--) cursor.next()
      while (pending.remaining > 0 && !this.#isPaused()) {
        cursor.next()
        const sequence = pending.nextSequence++
        pending.remaining--
        pending.unreported++
        this.#takeEntry(pending, sequence)
      }
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error
      for (; pending.remaining > 0; pending.remaining--) {
        pending.unreported++
        pending.addRejection({
          sequence: pending.nextSequence++,
          reason: 'malformed',
          detail: error.message,
        })
      }
    }
  }

  /** Reports the entries of a batch that were settled since its last report, and counts them. */
  #reportOf(pending: PendingBatch): InboxReport | undefined {
    const { session, unreported: count } = pending
    if (count === 0) return undefined
    pending.unreported = 0
    const rejections = pending.takeRejections()
    this.#counters.of(session.pid).received += count - rejections.length
    const bytes = pending.remaining === 0 ? pending.bytes : 0
    return { type: 'settled', session, count, bytes, rejections }
  }

  #takeEntry(pending: PendingBatch, sequence: number): void {
    const { session, cursor } = pending
    const { msgId, re, body, start, end, owned } = cursor
    if (end - start > this.#limits.maxMessageBytes) {
      const detail = `${end - start} bytes, and the limit is ${this.#limits.maxMessageBytes}`
      pending.addRejection({ sequence, reason: 'too-large', detail })
      return
    }
    let msg: unknown
    try {
      msg = this.#codec.decode(body, start, end, owned)
    } catch (error) {
      pending.addRejection({ sequence, reason: 'undecodable', detail: (error as Error).message })
      return
    }
    const { pid, incarnation } = session
    this.received++
    const envelope =
      re === undefined ? { pid, incarnation, msgId, msg } : { pid, incarnation, msgId, re, msg }
    if (this.#probe !== undefined) notifyProbe(this.#probe, envelope, cursor)
    if (this.#beforeFirstSubscriber) this.#buffered.push(envelope)
    else this.#emit(envelope)
  }

  #emit(envelope: Envelope): void {
    if (!this.#subject.observed) {
      this.unobserved++
      if (!this.#unobservedReported) {
        this.#unobservedReported = true
        this.#events.next({ type: 'inbox-unobserved' })
      }
    }
    this.#subject.next(envelope)
  }
}

/** A function of its own: a closure in `#takeEntry` would slow down nodes without a probe. */
function notifyProbe(probe: Probe, envelope: Envelope, { body, start, end }: EntryCursor): void {
  probe.received(envelope, () => body.subarray(start, end))
}
