/** A run that the inbox holds, and how far it is taken. */
import type { InboundSession, InboundBatch } from '../../protocol/session/inbound-session.ts'
import { EntryCursor } from '../../protocol/wire/entry.ts'
import type { Rejection } from '../../protocol/wire/frames.ts'

const NO_REJECTIONS: readonly Rejection[] = []

/** A run, and how far it is taken. */
export class PendingBatch {
  readonly session: InboundSession
  readonly cursor: EntryCursor
  /** Entries that were taken before: they stand in front of the new ones. */
  skip: number
  /** The sequence number of the next entry. */
  nextSequence: number
  remaining: number
  /** What it holds of the window until it is finished. */
  readonly bytes: number
  /** Entries that are settled, and have not been reported yet. */
  unreported = 0
  #rejections: Rejection[] | undefined

  constructor({ session, first, count, skip, bytes, entries }: InboundBatch) {
    this.session = session
    this.cursor = new EntryCursor(entries)
    this.skip = skip
    this.nextSequence = first
    this.remaining = count
    this.bytes = bytes
  }

  /** One of its entries cannot be taken. */
  addRejection(rejection: Rejection): void {
    this.#rejections ??= []
    this.#rejections.push(rejection)
  }

  /** What was rejected since this was last asked. */
  takeRejections(): readonly Rejection[] {
    const rejections = this.#rejections ?? NO_REJECTIONS
    this.#rejections = undefined
    return rejections
  }
}
