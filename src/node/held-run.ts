/** A run that the inbox holds, and how far it is taken. */
import type { Inbound, Run } from '../core/inbound.ts'
import { EntryCursor } from '../core/wire/entry.ts'
import type { Rejection } from '../core/wire/frames.ts'

const NO_REJECTIONS: readonly Rejection[] = []

/** A run, and how far it is taken. */
export class HeldRun {
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
  unreported = 0
  #rejections: Rejection[] | undefined

  constructor({ session, first, count, skip, bytes, entries }: Run) {
    this.session = session
    this.cursor = new EntryCursor(entries)
    this.skip = skip
    this.next = first
    this.left = count
    this.bytes = bytes
  }

  /** One of its entries cannot be taken. */
  reject(rejection: Rejection): void {
    this.#rejections ??= []
    this.#rejections.push(rejection)
  }

  /** What was rejected since this was last asked. */
  rejected(): readonly Rejection[] {
    const rejections = this.#rejections ?? NO_REJECTIONS
    this.#rejections = undefined
    return rejections
  }
}
