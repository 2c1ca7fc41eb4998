/** The inbox of a node: decodes the entries of received batches, and emits their envelopes. */
import type { InboundBatch, InboundSession } from '../../protocol/session/inbound-session.ts'
import { Observable, type Subject, type Subscriber } from 'rxjs'
import type { BatchConsumer, InboxReport, ReceiverDriver } from './receiver-driver.ts'
import type { Codec, NotDecodableError } from '../../ports/codec.ts'
import type { Environment } from '../../ports/environment.ts'
import type { EntryCursor } from '../../protocol/wire/entry.ts'
import type { Envelope, EnvelopeHeaders, MsgId, ReplyError } from '../../model/envelope.ts'
import { isReplyError, optionalFields, toReplyError } from '../../model/envelope.ts'
import { MalformedFrame } from '../../protocol/wire/frame-bytes.ts'
import type { NodeCounters } from '../counters.ts'
import type { NodeEvent } from '../../model/node-event.ts'
import { OrderedSubject } from '../subjects/ordered-subject.ts'
import { PendingBatch } from './pending-batch.ts'
import type { Pid } from '../../model/pid.ts'
import type { Probe } from '../../ports/probe.ts'
import type { ReplyConsumer } from '../../ports/mailbox.ts'
import { ReplyConsumers } from './reply-consumers.ts'
import { RingQueue } from '../../base/ring-queue.ts'
import { ignoresRejections } from '../../protocol/session/inbound-session.ts'

/** The limits of an inbox. */
export interface InboxLimits {
  readonly bufSize: number
  readonly maxMessageBytes: number
}

/** What an inbox uses. */
export interface InboxParts {
  readonly environment: Pick<Environment, 'microtask'>
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
 * What is buffered is emitted in the microtask after the first subscription, so that everything
 * that subscribes in the same turn gets it. If the subscribers leave before all of it is emitted,
 * the rest waits for the next one.
 *
 * While it is paused, or that buffer is full, batches stay encoded and unacknowledged. The windows
 * of the senders bound them. Replies that a request waits for are taken early, past what is pending
 * in front of them.
 */
export class Inbox implements BatchConsumer {
  readonly envelopes: Observable<Envelope>
  received = 0
  unobserved = 0
  readonly #subject = new OrderedSubject<Envelope>()
  readonly #environment: Pick<Environment, 'microtask'>
  readonly #receiver: InboxParts['receiver']
  readonly #codec: Codec
  readonly #limits: InboxLimits
  readonly #counters: NodeCounters
  readonly #events: Pick<Subject<NodeEvent>, 'next'>
  readonly #probe: Probe | undefined
  readonly #pending = new RingQueue<PendingBatch>()
  readonly #replyConsumers = new ReplyConsumers()
  /** Envelopes that were taken while there was no subscriber yet, and are not yet emitted. */
  readonly #buffered = new RingQueue<Envelope>()
  #isBuffering = true
  #emitScheduled = false
  #pauses = 0
  #reportedPause = false
  #unobservedReported = false

  constructor({ environment, receiver, codec, limits, counters, events, probe }: InboxParts) {
    this.#environment = environment
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
      if (!this.#isBuffering && this.#buffered.length > 0) {
        if (this.#subject.observed) this.#emit(this.#buffered.shift() as Envelope)
        else this.#isBuffering = true
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
    return this.#takeReplies()
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

  /** Gives the replies of a peer that `consumer` expects to it. @returns stops it; works once */
  consumeReplies(pid: Pid, consumer: ReplyConsumer): () => void {
    this.#replyConsumers.add(pid, consumer)
    let consumes = true
    return () => {
      if (!consumes) return
      consumes = false
      this.#replyConsumers.remove(pid, consumer)
    }
  }

  complete(): void {
    this.#pending.drain()
    if (this.#buffered.length > 0) this.#countUnobserved(this.#buffered.drain().length)
    this.#replyConsumers.close()
    this.#subject.complete()
  }

  #subscribe(subscriber: Subscriber<Envelope>): () => void {
    this.#unobservedReported = false
    const subscription = this.#subject.subscribe(subscriber)
    if (this.#isBuffering) this.#scheduleEmit()
    return () => subscription.unsubscribe()
  }

  #scheduleEmit(): void {
    if (this.#emitScheduled) return
    this.#emitScheduled = true
    this.#environment.microtask(() => {
      this.#emitScheduled = false
      if (!this.#subject.observed) return
      this.#isBuffering = false
      this.#receiver.takePending()
    })
  }

  #isPaused(): boolean {
    return this.#pauses > 0 || (this.#isBuffering && this.#buffered.length >= this.#limits.bufSize)
  }

  #reportPause(): void {
    const paused = this.#isPaused()
    if (paused === this.#reportedPause) return
    this.#reportedPause = paused
    this.#receiver.setPaused(paused)
  }

  /**
   * Takes expected replies from the pending batches, past the entries in front of them.
   *
   * @returns a report of what can be settled now
   */
  #takeReplies(): InboxReport | undefined {
    if (this.#pending.length === 0 || this.#replyConsumers.isEmpty) return undefined
    let index = this.#pending.length
    while (index > 0 && this.#pending.at(index - 1)?.searched === false) index--
    for (; index < this.#pending.length; index++) {
      const pending = this.#pending.at(index) as PendingBatch
      pending.searched = true
      if (!this.#takeRepliesFrom(pending) || !this.#isNextOfSession(index)) continue
      pending.passTakenEarly()
      const report = this.#reportOf(pending)
      if (report !== undefined) return report
    }
    return undefined
  }

  /** @returns whether any was taken */
  #takeRepliesFrom(pending: PendingBatch): boolean {
    const cursor = pending.cursor.clone()
    try {
      for (let toSkip = pending.skip; toSkip > 0; toSkip--) cursor.next()
      for (let offset = 0; offset < pending.remaining; offset++) {
        cursor.next()
        if (cursor.re === undefined || !this.#takeReply(pending.session, cursor)) continue
        pending.takenEarly ??= new Set()
        pending.takenEarly.add(pending.nextSequence + offset)
      }
    } catch (error) {
      // What is malformed is rejected in its turn.
      if (!(error instanceof MalformedFrame)) throw error
    }
    return pending.takenEarly !== undefined
  }

  /** @returns whether the entry is a reply that was expected, and can be decoded */
  #takeReply(session: InboundSession, cursor: EntryCursor): boolean {
    const { re, body, start, end, owned } = cursor
    if (re === undefined || end - start > this.#limits.maxMessageBytes) return false
    const consumers = this.#replyConsumers.find(session.pid, re)
    if (consumers.length === 0) return false
    let msg: unknown
    try {
      msg = this.#codec.decode(body, start, end, owned)
    } catch {
      return false
    }
    if (cursor.isError && !isReplyError(msg)) return false
    const envelope = this.#envelopeOf(session, cursor, msg)
    for (const consumer of consumers) consumer.reply(envelope)
    return true
  }

  /** Counts and records an entry whose message was decoded. */
  #envelopeOf({ pid, incarnation }: InboundSession, cursor: EntryCursor, msg: unknown): Envelope {
    const { msgId, re, headers, isError } = cursor
    this.received++
    const envelope =
      headers === undefined && !isError
        ? re === undefined
          ? { pid, incarnation, msgId, msg }
          : { pid, incarnation, msgId, re, msg }
        : withExtras({ pid, incarnation, msgId, re }, headers, isError, msg)
    if (this.#probe !== undefined) notifyProbe(this.#probe, envelope, cursor)
    return envelope
  }

  /** Returns whether no entry of the same session is pending in front of this batch. */
  #isNextOfSession(index: number): boolean {
    const { session } = this.#pending.at(index) as PendingBatch
    for (let before = 0; before < index; before++) {
      const pending = this.#pending.at(before) as PendingBatch
      if (pending.session === session && pending.remaining > 0) return false
    }
    return true
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
      for (;;) {
        pending.passTakenEarly()
        if (pending.remaining === 0 || this.#isPaused()) break
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
    const { re, body, start, end, owned } = cursor
    if (end - start > this.#limits.maxMessageBytes) {
      const detail = `${end - start} bytes, and the limit is ${this.#limits.maxMessageBytes}`
      pending.addRejection({ sequence, reason: 'too-large', detail })
      return
    }
    let msg: unknown
    try {
      msg = this.#codec.decode(body, start, end, owned)
    } catch (error) {
      const { reason, message: detail } = error as NotDecodableError
      pending.addRejection({ sequence, reason, detail })
      return
    }
    if (cursor.isError && (re === undefined || !isReplyError(msg))) {
      const detail = 'an error reply needs re, code and message'
      pending.addRejection({ sequence, reason: 'malformed', detail })
      return
    }
    const envelope = this.#envelopeOf(session, cursor, msg)
    if (re !== undefined && this.#giveReply(envelope)) return
    if (this.#isBuffering) this.#buffered.push(envelope)
    else this.#emit(envelope)
  }

  /** @returns whether a request waited for it */
  #giveReply(envelope: Envelope): boolean {
    if (this.#replyConsumers.isEmpty) return false
    const consumers = this.#replyConsumers.find(envelope.pid, envelope.re as MsgId)
    for (const consumer of consumers) consumer.reply(envelope)
    return consumers.length > 0
  }

  #emit(envelope: Envelope): void {
    if (!this.#subject.observed) this.#countUnobserved(1)
    this.#subject.next(envelope)
  }

  #countUnobserved(count: number): void {
    this.unobserved += count
    if (this.#unobservedReported) return
    this.#unobservedReported = true
    this.#events.next({ type: 'inbox-unobserved' })
  }
}

/** Creates an envelope with headers, or of the error of a handler. */
function withExtras(
  { pid, incarnation, msgId, re }: Pick<Envelope, 'pid' | 'incarnation' | 'msgId' | 're'>,
  headers: EnvelopeHeaders | undefined,
  isError: boolean,
  msg: unknown,
): Envelope {
  return {
    pid,
    incarnation,
    msgId,
    ...optionalFields({
      re,
      headers,
      error: isError ? toReplyError(msg as ReplyError) : undefined,
    }),
    msg: isError ? undefined : msg,
  }
}

/** A function of its own: a closure in `#takeEntry` would slow down nodes without a probe. */
function notifyProbe(probe: Probe, envelope: Envelope, { body, start, end }: EntryCursor): void {
  probe.received(envelope, () => body.subarray(start, end))
}
