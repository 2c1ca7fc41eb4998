/**
 * The inbox: takes runs of entries off the reception, and tells their envelopes to whoever listens.
 */
import type { InboundSession, InboundBatch } from '../../protocol/session/inbound-session.ts'
import { Observable, type Subscriber } from 'rxjs'
import { ignoresRejections } from '../../protocol/session/inbound-session.ts'
import type { Codec } from '../../ports/codec.ts'
import type { Envelope } from '../../model/envelope.ts'
import type { Probe } from '../../ports/probe.ts'
import type { Rejection } from '../../protocol/wire/frames.ts'
import type { Pid } from '../../model/pid.ts'
import { RingQueue } from '../../base/ring-queue.ts'
import type { EntryCursor } from '../../protocol/wire/entry.ts'
import { PendingBatch } from './pending-batch.ts'
import { OrderedSubject } from '../subjects/ordered-subject.ts'
import { MalformedFrame } from '../../protocol/wire/bytes.ts'

/** What the inbox tells the node. */
export interface InboxHandler {
  /** So many more entries of a session are settled, and runs of so many bytes are finished. */
  settled(
    session: InboundSession,
    count: number,
    bytes: number,
    rejections: readonly Rejection[],
  ): void
  /** What was held of a session and not taken is dropped. */
  discarded(session: InboundSession): void
  /** It stops taking, or takes again. */
  onPauseChanged(paused: boolean): void
  /** Something was emitted and nobody listened, for the first time since somebody did. */
  unobserved(): void
}

/** What bounds it. */
export interface InboxLimits {
  readonly bufSize: number
  readonly maxMessageBytes: number
}

/**
 * The taking end of a node.
 *
 * Before the first subscription envelopes wait, at most `bufSize` of them; after it the inbox is
 * hot. While it is paused, or that buffer is full, runs are held as the bytes they came in, not
 * acknowledged, and bounded by the senders' windows.
 */
export class Inbox {
  readonly envelopes: Observable<Envelope>
  received = 0
  unobserved = 0
  readonly #subject = new OrderedSubject<Envelope>()
  readonly #codec: Codec
  readonly #limits: InboxLimits
  readonly #handler: InboxHandler
  readonly #probe: Probe | undefined
  readonly #pending = new RingQueue<PendingBatch>()
  /** What was taken before the first subscription, and not yet told to it. */
  readonly #buffered = new RingQueue<Envelope>()
  #beforeFirstSubscriber = true
  #pauses = 0
  #processing = false
  #reportedPause = false
  #unobservedReported = false

  constructor(codec: Codec, limits: InboxLimits, handler: InboxHandler, probe?: Probe) {
    this.#probe = probe
    this.#codec = codec
    this.#limits = limits
    this.#handler = handler
    this.envelopes = new Observable((subscriber) => this.#subscribe(subscriber))
  }

  get pauses(): number {
    return this.#pauses
  }

  /** Takes a run now, or holds it until it can. */
  enqueue(batch: InboundBatch): void {
    const pending = new PendingBatch(batch)
    this.#pending.push(pending)
    this.#process()
    // The transport's memory is only lent for this call.
    if (pending.remaining > 0) pending.cursor.copyBorrowed()
  }

  /**
   * Takes nothing more of those who are no members, from this moment on, even in the middle of a
   * run; what was taken up to here is reported BEFORE it returns, so that a farewell tells the
   * truth.
   */
  discardNonMembers(isMember: (pid: Pid) => boolean): void {
    const current = this.#pending.at(0)
    if (current !== undefined) this.#notifySettled(current)
    for (let index = 0; index < this.#pending.length; index++) {
      const pending = this.#pending.at(index) as PendingBatch
      if (!isMember(pending.session.pid)) pending.remaining = 0
    }
  }

  /** Stops taking. @returns takes again; works once */
  pause(): () => void {
    this.#pauses++
    this.#notifyPause()
    let paused = true
    return () => {
      if (!paused) return
      paused = false
      this.#pauses--
      this.#process()
      this.#notifyPause()
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
      this.#process()
    }
    return () => subscription.unsubscribe()
  }

  #isPaused(): boolean {
    return (
      this.#pauses > 0 ||
      (this.#beforeFirstSubscriber && this.#buffered.length >= this.#limits.bufSize)
    )
  }

  #notifyPause(): void {
    const paused = this.#isPaused()
    if (paused === this.#reportedPause) return
    this.#reportedPause = paused
    this.#handler.onPauseChanged(paused)
  }

  #process(): void {
    if (this.#processing) return
    this.#processing = true
    try {
      while (!this.#isPaused()) {
        const buffered = this.#beforeFirstSubscriber ? undefined : this.#buffered.shift()
        if (buffered !== undefined) {
          this.#emit(buffered)
          continue
        }
        const pending = this.#pending.at(0)
        if (pending === undefined) break
        if (pending.remaining > 0 && ignoresRejections(pending.session))
          this.#discardSession(pending.session)
        this.#processBatch(pending)
        if (pending.remaining === 0) this.#pending.shift()
      }
    } finally {
      this.#processing = false
    }
    this.#notifyPause()
  }

  #discardSession(session: InboundSession): void {
    for (let index = 0; index < this.#pending.length; index++) {
      const pending = this.#pending.at(index) as PendingBatch
      if (pending.session === session) pending.remaining = 0
    }
    this.#handler.discarded(session)
  }

  #processBatch(pending: PendingBatch): void {
    const { cursor } = pending
    try {
      for (; pending.remaining > 0 && pending.skip > 0; pending.skip--) cursor.next()
      while (pending.remaining > 0 && !this.#isPaused()) {
        cursor.next()
        const sequence = pending.nextSequence++
        pending.remaining--
        pending.unreported++
        this.#processEntry(pending, sequence)
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
    this.#notifySettled(pending)
  }

  #notifySettled(pending: PendingBatch): void {
    const { session, unreported } = pending
    pending.unreported = 0
    const bytes = pending.remaining === 0 ? pending.bytes : 0
    if (unreported > 0) this.#handler.settled(session, unreported, bytes, pending.takeRejections())
  }

  #processEntry(pending: PendingBatch, sequence: number): void {
    const { session, cursor } = pending
    const { msgId, re, body, start, end, owned } = cursor
    if (end - start > this.#limits.maxMessageBytes) {
      const detail = `${end - start} bytes, and ${this.#limits.maxMessageBytes} are taken`
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
        this.#handler.unobserved()
      }
    }
    this.#subject.next(envelope)
  }
}

/** Apart: a closure in the midst of taking would cost those who have no probe. */
function notifyProbe(probe: Probe, envelope: Envelope, { body, start, end }: EntryCursor): void {
  probe.received(envelope, () => body.subarray(start, end))
}
