/** Reference counts of the memory of large messages, so that the codec can reuse it. */
import type { Codec } from '../../ports/codec.ts'
import type { Entry } from '../../protocol/session/entries.ts'
import { SEPARATE_PART_BYTES, sizeOf } from '../../protocol/wire/entry.ts'

interface RefCount {
  entries: number
  /** An entry is dead: its delivery may send the same bytes again. */
  abandoned: boolean
}

/**
 * Counts the entries that share the memory of a large message, and returns it to the codec once all
 * receivers have taken them. Fresh memory for each message costs more than sending it, since it
 * survives two garbage collections before its receipt arrives.
 *
 * The transport may still send a copy, written after a gap, when the memory is reused. It is safe:
 * the receiver has taken the entry, and skips the bytes.
 */
export class SharedBuffers {
  readonly #codec: Codec
  readonly #refCounts = new Map<Uint8Array, RefCount>()

  constructor(codec: Codec) {
    this.#codec = codec
  }

  /** Counts an entry that is about to be queued. */
  retain(entry: Entry): void {
    if (sizeOf(entry) < SEPARATE_PART_BYTES) return
    const refCount = this.#refCounts.get(entry.memory)
    if (refCount === undefined) this.#refCounts.set(entry.memory, { entries: 1, abandoned: false })
    else refCount.entries++
  }

  /** Discounts an entry that was delivered. */
  release(entry: Entry): void {
    this.#decrement(entry, false)
  }

  /** Discounts a dead entry; its memory is not reused. */
  abandon(entry: Entry): void {
    this.#decrement(entry, true)
  }

  #decrement({ memory }: Entry, abandoned: boolean): void {
    const refCount = this.#refCounts.get(memory)
    if (refCount === undefined) return
    refCount.abandoned ||= abandoned
    if (--refCount.entries > 0) return
    this.#refCounts.delete(memory)
    if (!refCount.abandoned) this.#codec.recycle(memory)
  }
}
