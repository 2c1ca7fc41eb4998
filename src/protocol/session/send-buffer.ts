/**
 * A send buffer as in TCP: unacknowledged items, and behind them queued items, in one circular
 * array.
 *
 *     head
 *      ▼
 *      u u u · · q q q q
 *      │     │   └ queued
 *      │     └ a gap, where the oldest queued items were dropped
 *      └ unacked
 *
 * Sending an item moves it across the gap. `retain`, `findQueued`, `promote`, `requeueSent` and the
 * drains take linear time, every other operation constant time.
 */

/** Shared by all empty buffers: a large process has half a million of them. */
const NO_SLOTS: never[] = []
/** A power of two, as every later size: slots are chosen with a bit mask. */
const SLOTS_MIN = 4
/** A buffer that has more slots than this releases them when it becomes empty. */
const SLOTS_KEPT_MAX = 16_384

/** Unacknowledged items in front of queued items, each in order. */
export class SendBuffer<T> {
  #slots: (T | undefined)[] = NO_SLOTS
  #head = 0
  #gap = 0
  /** The number of items that are sent and not acknowledged. */
  unacked = 0
  /** The number of items that are not sent. */
  queued = 0

  get length(): number {
    return this.unacked + this.queued
  }

  /** Returns the unacked item at `index`, or undefined beyond the last one. */
  at(index: number): T | undefined {
    return index < this.unacked ? this.#slots[this.#slot(index)] : undefined
  }

  /** Returns the queued item at `index` from the front, or undefined beyond the last one. */
  queuedAt(index: number): T | undefined {
    if (index >= this.queued) return undefined
    return this.#slots[this.#slot(this.unacked + this.#gap + index)]
  }

  /** Appends an item to the queued ones. */
  push(item: T): void {
    if (this.unacked + this.#gap + this.queued === this.#slots.length) this.#grow()
    this.#slots[this.#slot(this.unacked + this.#gap + this.queued)] = item
    this.queued++
  }

  /** Returns the index of the first queued item for which `matches` returns true, or `queued`. */
  findQueued(matches: (item: T) => boolean): number {
    let index = 0
    while (index < this.queued && !matches(this.queuedAt(index) as T)) index++
    return index
  }

  /** Moves the queued item at `index` to the front. */
  promote(index: number): void {
    const from = this.unacked + this.#gap
    const item = this.#remove(from + index)
    for (let behind = index; behind > 0; behind--) {
      this.#put(from + behind, this.#remove(from + behind - 1))
    }
    this.#put(from, item)
  }

  /** Makes the first queued item the last unacked one. */
  markSent(): void {
    if (this.#gap > 0) this.#put(this.unacked, this.#remove(this.unacked + this.#gap))
    this.unacked++
    this.queued--
  }

  /** Removes and returns the first unacked item; there must be one. */
  acknowledge(): T {
    const item = this.#remove(0) as T
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    if (--this.unacked === 0) this.#onEmptied()
    return item
  }

  /** Removes and returns the first queued item; there must be one. */
  dropOldestQueued(): T {
    const item = this.#remove(this.unacked + this.#gap) as T
    this.queued--
    this.#gap++
    if (this.queued === 0) this.#onEmptied()
    return item
  }

  /** Removes and returns the queued items for which `keep` returns false. */
  retain(keep: (item: T) => boolean): T[] {
    const dropped: T[] = []
    const from = this.unacked + this.#gap
    let kept = 0
    for (let index = 0; index < this.queued; index++) {
      const item = this.#remove(from + index) as T
      if (keep(item)) this.#put(from + kept++, item)
      else dropped.push(item)
    }
    this.queued = kept
    if (kept === 0) this.#onEmptied()
    return dropped
  }

  /** Makes the unacked items queued again, in front of the others. */
  requeueSent(): void {
    if (this.#gap > 0) this.#resize(this.#slots.length)
    this.queued += this.unacked
    this.unacked = 0
  }

  /** Removes and returns all unacked items, oldest first. */
  drainUnacked(): T[] {
    const items: T[] = []
    while (this.unacked > 0) items.push(this.acknowledge())
    return items
  }

  /** Removes and returns all queued items, oldest first. */
  drainQueued(): T[] {
    return this.retain(() => false)
  }

  #slot(index: number): number {
    return (this.#head + index) & (this.#slots.length - 1)
  }

  #put(index: number, item: T | undefined): void {
    this.#slots[this.#slot(index)] = item
  }

  #remove(index: number): T | undefined {
    const slot = this.#slot(index)
    const item = this.#slots[slot]
    this.#slots[slot] = undefined
    return item
  }

  #onEmptied(): void {
    if (this.queued > 0) return
    this.#gap = 0
    if (this.unacked === 0 && this.#slots.length > SLOTS_KEPT_MAX) this.#slots = NO_SLOTS
  }

  #grow(): void {
    // With a gap of at least half the slots, closing the gap is enough.
    const { length } = this.#slots
    this.#resize(this.#gap * 2 >= length && length > 0 ? length : Math.max(SLOTS_MIN, length * 2))
  }

  /** Copies all items to `size` new slots, without a gap. */
  #resize(size: number): void {
    const slots = new Array<T | undefined>(size)
    for (let index = 0; index < this.unacked; index++) slots[index] = this.at(index)
    for (let index = 0; index < this.queued; index++) {
      slots[this.unacked + index] = this.queuedAt(index)
    }
    this.#slots = slots
    this.#head = 0
    this.#gap = 0
  }
}
