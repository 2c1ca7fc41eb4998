/**
 * The inbox: takes runs of entries off the reception, and tells their envelopes to whoever listens.
 */
import type { Inbound, Run } from '../core/inbound.ts'
import { Observable, type Subscriber } from 'rxjs'
import { isDeaf } from '../core/inbound.ts'
import type { Codec } from '../ports/codec.ts'
import type { Envelope } from '../model/envelope.ts'
import type { Probe } from '../ports/probe.ts'
import type { Rejection } from '../core/wire/frames.ts'
import type { Pid } from '../model/pid.ts'
import { Queue } from '../core/queue.ts'
import type { EntryCursor } from '../core/wire/entry.ts'
import { HeldRun } from './held-run.ts'
import { OrderedSubject } from './ordered-subject.ts'
import { Unreadable } from '../core/wire/bytes.ts'

/** What the inbox tells the node. */
export interface InboxOwner {
  /** So many more entries of a session are settled, and runs of so many bytes are finished. */
  taken(session: Inbound, count: number, bytes: number, rejections: readonly Rejection[]): void
  /** What was held of a session and not taken is dropped. */
  dropped(session: Inbound): void
  /** It stops taking, or takes again. */
  withhold(withheld: boolean): void
  /** Something was emitted and nobody listened, for the first time since somebody did. */
  unheard(): void
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
  unheard = 0
  readonly #heard = new OrderedSubject<Envelope>()
  readonly #codec: Codec
  readonly #limits: InboxLimits
  readonly #owner: InboxOwner
  readonly #probe: Probe | undefined
  readonly #held = new Queue<HeldRun>()
  /** What was taken before the first subscription, and not yet told to it. */
  readonly #early = new Queue<Envelope>()
  #awaited = true
  #pauses = 0
  #taking = false
  #withheld = false
  #silent = false

  constructor(codec: Codec, limits: InboxLimits, owner: InboxOwner, probe?: Probe) {
    this.#probe = probe
    this.#codec = codec
    this.#limits = limits
    this.#owner = owner
    this.envelopes = new Observable((subscriber) => this.#listen(subscriber))
  }

  get pauses(): number {
    return this.#pauses
  }

  /** Takes a run now, or holds it until it can. */
  offer(run: Run): void {
    const held = new HeldRun(run)
    this.#held.push(held)
    this.#take()
    // The transport's memory is only lent for this call.
    if (held.left > 0) held.cursor.keep()
  }

  /**
   * Takes nothing more of those who are no members, from this moment on, even in the middle of a
   * run; what was taken up to here is reported BEFORE it returns, so that a farewell tells the
   * truth.
   */
  dismiss(isMember: (pid: Pid) => boolean): void {
    const current = this.#held.at(0)
    if (current !== undefined) this.#report(current)
    for (let index = 0; index < this.#held.length; index++) {
      const held = this.#held.at(index) as HeldRun
      if (!isMember(held.session.pid)) held.left = 0
    }
  }

  /** Stops taking. @returns takes again; works once */
  pause(): () => void {
    this.#pauses++
    this.#tellWithheld()
    let paused = true
    return () => {
      if (!paused) return
      paused = false
      this.#pauses--
      this.#take()
      this.#tellWithheld()
    }
  }

  complete(): void {
    this.#held.drain()
    this.#early.drain()
    this.#heard.complete()
  }

  #listen(subscriber: Subscriber<Envelope>): () => void {
    this.#silent = false
    const subscription = this.#heard.subscribe(subscriber)
    if (this.#awaited) {
      this.#awaited = false
      this.#take()
    }
    return () => subscription.unsubscribe()
  }

  #stopped(): boolean {
    return this.#pauses > 0 || (this.#awaited && this.#early.length >= this.#limits.bufSize)
  }

  #tellWithheld(): void {
    const withheld = this.#stopped()
    if (withheld === this.#withheld) return
    this.#withheld = withheld
    this.#owner.withhold(withheld)
  }

  #take(): void {
    if (this.#taking) return
    this.#taking = true
    try {
      while (!this.#stopped()) {
        const early = this.#awaited ? undefined : this.#early.shift()
        if (early !== undefined) {
          this.#emit(early)
          continue
        }
        const held = this.#held.at(0)
        if (held === undefined) break
        if (held.left > 0 && isDeaf(held.session)) this.#drop(held.session)
        this.#takeFrom(held)
        if (held.left === 0) this.#held.shift()
      }
    } finally {
      this.#taking = false
    }
    this.#tellWithheld()
  }

  #drop(session: Inbound): void {
    for (let index = 0; index < this.#held.length; index++) {
      const held = this.#held.at(index) as HeldRun
      if (held.session === session) held.left = 0
    }
    this.#owner.dropped(session)
  }

  #takeFrom(held: HeldRun): void {
    const { cursor } = held
    try {
      for (; held.left > 0 && held.skip > 0; held.skip--) cursor.next()
      while (held.left > 0 && !this.#stopped()) {
        cursor.next()
        const sequence = held.next++
        held.left--
        held.unreported++
        this.#takeEntry(held, sequence)
      }
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      for (; held.left > 0; held.left--) {
        held.unreported++
        held.reject({ sequence: held.next++, reason: 'malformed', detail: error.message })
      }
    }
    this.#report(held)
  }

  #report(held: HeldRun): void {
    const { session, unreported } = held
    held.unreported = 0
    const bytes = held.left === 0 ? held.bytes : 0
    if (unreported > 0) this.#owner.taken(session, unreported, bytes, held.rejected())
  }

  #takeEntry(held: HeldRun, sequence: number): void {
    const { session, cursor } = held
    const { msgId, re, body, start, end, owned } = cursor
    if (end - start > this.#limits.maxMessageBytes) {
      const detail = `${end - start} bytes, and ${this.#limits.maxMessageBytes} are taken`
      held.reject({ sequence, reason: 'too-large', detail })
      return
    }
    let msg: unknown
    try {
      msg = this.#codec.decode(body, start, end, owned)
    } catch (error) {
      held.reject({ sequence, reason: 'undecodable', detail: (error as Error).message })
      return
    }
    const { pid, incarnation } = session
    this.received++
    const envelope =
      re === undefined ? { pid, incarnation, msgId, msg } : { pid, incarnation, msgId, re, msg }
    if (this.#probe !== undefined) show(this.#probe, envelope, cursor)
    if (this.#awaited) this.#early.push(envelope)
    else this.#emit(envelope)
  }

  #emit(envelope: Envelope): void {
    if (!this.#heard.observed) {
      this.unheard++
      if (!this.#silent) {
        this.#silent = true
        this.#owner.unheard()
      }
    }
    this.#heard.next(envelope)
  }
}

/** Apart: a closure in the midst of taking would cost those who have no probe. */
function show(probe: Probe, envelope: Envelope, { body, start, end }: EntryCursor): void {
  probe.received(envelope, () => body.subarray(start, end))
}
