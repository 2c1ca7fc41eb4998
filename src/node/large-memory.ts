/** The memory of large envelopes: who still needs it, so that it can be written to again. */
import type { Codec } from '../ports/codec.ts'
import type { Entry } from '../core/entries.ts'
import { OWN_PART_BYTES, sizeOf } from '../core/wire/entry.ts'

interface Holding {
  entries: number
  /** One of them died: whoever sent it may send the same bytes again. */
  kept: boolean
}

/**
 * Counts the entries that share the memory of a large message, and gives it back to the codec when
 * the receivers have taken them all. Fresh memory for each would cost more than to send it: it
 * outlives two collections until its receipt comes.
 *
 * A copy of it may still be on its way, written again after a gap: its receiver has it already, and
 * skips whatever stands there.
 */
export class LargeMemory {
  readonly #codec: Codec
  readonly #holdings = new Map<Uint8Array, Holding>()

  constructor(codec: Codec) {
    this.#codec = codec
  }

  /** An entry is about to enter a queue. */
  hold(entry: Entry): void {
    if (sizeOf(entry) < OWN_PART_BYTES) return
    const holding = this.#holdings.get(entry.memory)
    if (holding === undefined) this.#holdings.set(entry.memory, { entries: 1, kept: false })
    else holding.entries++
  }

  /** An entry was taken. */
  taken(entry: Entry): void {
    this.#release(entry, false)
  }

  /** An entry is dead. */
  died(entry: Entry): void {
    this.#release(entry, true)
  }

  #release({ memory }: Entry, kept: boolean): void {
    const holding = this.#holdings.get(memory)
    if (holding === undefined) return
    holding.kept ||= kept
    if (--holding.entries > 0) return
    this.#holdings.delete(memory)
    if (!holding.kept) this.#codec.reuse(memory)
  }
}
