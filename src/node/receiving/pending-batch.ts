/** A received batch in the inbox, with the position of the next entry to deliver. */
import type { InboundBatch, InboundSession } from '../../protocol/session/inbound-session.ts'
import { EntryCursor } from '../../protocol/wire/entry.ts'
import type { Rejection } from '../../protocol/wire/frames.ts'

const NO_REJECTIONS: readonly Rejection[] = []

/** A batch, and a cursor on its next entry. */
export class PendingBatch {
  readonly session: InboundSession
  readonly cursor: EntryCursor
  /** Entries at the front that an earlier batch had already brought. */
  skip: number
  /** The sequence number of the next entry. */
  nextSequence: number
  remaining: number
  /** Bytes of the window that are freed when `remaining` is 0. */
  readonly bytes: number
  /** Entries that are settled and not yet reported to the receiver. */
  unreported = 0
  /** Whether it was searched for replies that pass those in front of them. */
  searched = false
  /** The sequence numbers of entries that were taken before those in front of them. */
  takenEarly: Set<number> | undefined
  #rejections: Rejection[] | undefined
  #isBorrowed = true

  constructor({ session, first, count, skip, bytes, entries }: InboundBatch) {
    this.session = session
    this.cursor = new EntryCursor(entries)
    this.skip = skip
    this.nextSequence = first
    this.remaining = count
    this.bytes = bytes
  }

  /** Whether its bytes are in memory of the transport. */
  get isBorrowed(): boolean {
    return this.#isBorrowed
  }

  /** Copies the remaining entries, so that the transport may reuse its memory. */
  copyBorrowed(): void {
    if (this.remaining > 0) this.cursor.copyBorrowed()
    this.#isBorrowed = false
  }

  /** Passes the next entries that were taken early. */
  passTakenEarly(): void {
    const { takenEarly, cursor } = this
    if (takenEarly === undefined) return
    for (; this.skip > 0; this.skip--) cursor.next()
    while (this.remaining > 0 && takenEarly.delete(this.nextSequence)) {
      cursor.next()
      this.nextSequence++
      this.remaining--
      this.unreported++
    }
    if (takenEarly.size === 0) this.takenEarly = undefined
  }

  addRejection(rejection: Rejection): void {
    this.#rejections ??= []
    this.#rejections.push(rejection)
  }

  /** Returns the rejections since the last call. */
  takeRejections(): readonly Rejection[] {
    const rejections = this.#rejections ?? NO_REJECTIONS
    this.#rejections = undefined
    return rejections
  }
}
