/**
 * The inbox: takes runs of entries off the reception, and tells their envelopes to whoever listens.
 */
import type { Inbound, Run } from '../core/inbound.ts'
import { Observable, type Subscriber } from 'rxjs'
import type { Codec } from '../ports/codec.ts'
import type { Envelope } from '../model/envelope.ts'
import type { Rejection } from '../core/wire/frames.ts'
import type { Pid } from '../model/pid.ts'
import { Queue } from '../core/queue.ts'
import { EntryCursor } from '../core/wire/entry.ts'
import { OrderedSubject } from './ordered-subject.ts'
import { Unreadable } from '../core/wire/bytes.ts'

/** What the inbox tells the node. */
export interface InboxOwner {
  /** So many more entries of a session are settled, and runs of so many bytes are finished. */
  taken(session: Inbound, count: number, bytes: number, rejections: readonly Rejection[]): void
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

/** A run, and how far it is taken. */
interface Held {
  readonly session: Inbound
  readonly cursor: EntryCursor
  /** Entries that were taken before: they stand in front of the new ones. */
  skip: number
  /** The sequence number of the next entry. */
  next: number
  left: number
  /** What it holds of the window until it is finished. */
  readonly bytes: number
  /** Entries that are settled, and have not been reported yet. */
  unreported: number
  rejections: Rejection[] | undefined
}

const NO_REJECTIONS: readonly Rejection[] = []

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
  readonly #held = new Queue<Held>()
  /** What was taken before the first subscription, and not yet told to it. */
  readonly #early = new Queue<Envelope>()
  #awaited = true
  #pauses = 0
  #taking = false
  #withheld = false
  #silent = false

  constructor(codec: Codec, limits: InboxLimits, owner: InboxOwner) {
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
    const { session, first, count, skip, bytes, entries } = run
    const cursor = new EntryCursor(entries)
    const rejections = undefined
    const held = {
      session,
      cursor,
      skip,
      next: first,
      left: count,
      bytes,
      unreported: 0,
      rejections,
    }
    this.#held.push(held)
    this.#take()
    // The transport's memory is only lent for this call.
    if (held.left > 0) cursor.keep()
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
      const held = this.#held.at(index) as Held
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
        this.#takeFrom(held)
        if (held.left === 0) this.#held.shift()
      }
    } finally {
      this.#taking = false
    }
    this.#tellWithheld()
  }

  #takeFrom(held: Held): void {
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
        reject(held, { sequence: held.next++, reason: 'malformed', detail: error.message })
      }
    }
    this.#report(held)
  }

  #report(held: Held): void {
    const { session, unreported, rejections = NO_REJECTIONS } = held
    held.unreported = 0
    held.rejections = undefined
    const bytes = held.left === 0 ? held.bytes : 0
    if (unreported > 0) this.#owner.taken(session, unreported, bytes, rejections)
  }

  #takeEntry(held: Held, sequence: number): void {
    const { session, cursor } = held
    const { msgId, re, body, start, end, owned } = cursor
    if (end - start > this.#limits.maxMessageBytes) {
      const detail = `${end - start} bytes, and ${this.#limits.maxMessageBytes} are taken`
      reject(held, { sequence, reason: 'too-large', detail })
      return
    }
    let msg: unknown
    try {
      msg = this.#codec.decode(body, start, end, owned)
    } catch (error) {
      reject(held, { sequence, reason: 'undecodable', detail: (error as Error).message })
      return
    }
    const { pid, incarnation } = session
    this.received++
    const envelope =
      re === undefined ? { pid, incarnation, msgId, msg } : { pid, incarnation, msgId, re, msg }
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

function reject(held: Held, rejection: Rejection): void {
  held.rejections ??= []
  held.rejections.push(rejection)
}
