/** The memory of large envelopes: who still needs it, so that it can be written to again. */
import type { Codec } from '../../ports/codec.ts'
import type { Entry } from '../../protocol/session/entries.ts'
import { SEPARATE_PART_BYTES, sizeOf } from '../../protocol/wire/entry.ts'

interface RefCount {
  entries: number
  /** One of them died: whoever sent it may send the same bytes again. */
  abandoned: boolean
}

/**
 * Counts the entries that share the memory of a large message, and gives it back to the codec when
 * the receivers have taken them all. Fresh memory for each would cost more than to send it: it
 * outlives two collections until its receipt comes.
 *
 * A copy of it may still be on its way, written again after a gap: its receiver has it already, and
 * skips whatever stands there.
 */
export class SharedBuffers {
  readonly #codec: Codec
  readonly #refCounts = new Map<Uint8Array, RefCount>()

  constructor(codec: Codec) {
    this.#codec = codec
  }

  /** An entry is about to enter a queue. */
  retain(entry: Entry): void {
    if (sizeOf(entry) < SEPARATE_PART_BYTES) return
    const refCount = this.#refCounts.get(entry.memory)
    if (refCount === undefined) this.#refCounts.set(entry.memory, { entries: 1, abandoned: false })
    else refCount.entries++
  }

  /** An entry was taken. */
  release(entry: Entry): void {
    this.#decrement(entry, false)
  }

  /** An entry is dead. */
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
