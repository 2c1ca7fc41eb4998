/**
 * A send buffer, as in TCP: items that are sent and not yet acknowledged, and behind them items
 * that wait to be sent, on one ring of slots.
 *
 *     head
 *      ▼
 *      u u u · · w w w w
 *      │     │   └ waiting
 *      │     └ a gap, where the oldest of the waiting ones were dropped
 *      └ unacked
 *
 * Sending an item moves it over the gap; every step but those that look at all is of constant time.
 */

/** Most buffers of a large cluster are empty most of the time: they share their slots. */
const NO_SLOTS: never[] = []
/** The first slots of a buffer. */
const SLOTS_MIN = 4
/** A buffer that was once longer than this gives its slots back when it is empty. */
const SLOTS_KEPT_MAX = 16_384

/** Items on their way, in order. */
export class SendBuffer<T> {
  #slots: (T | undefined)[] = NO_SLOTS
  #head = 0
  #gap = 0
  /** How many are sent and not acknowledged. */
  unacked = 0
  /** How many wait to be sent. */
  queued = 0

  /** How many there are. */
  get length(): number {
    return this.unacked + this.queued
  }

  /** The item at `index` of the unacknowledged ones; undefined outside. */
  at(index: number): T | undefined {
    return index < this.unacked ? this.#slots[this.#slot(index)] : undefined
  }

  /** The item that waits at `index` from the front; undefined outside. */
  queuedAt(index: number): T | undefined {
    if (index >= this.queued) return undefined
    return this.#slots[this.#slot(this.unacked + this.#gap + index)]
  }

  /** Puts an item behind those that wait. */
  push(item: T): void {
    if (this.unacked + this.#gap + this.queued === this.#slots.length) this.#grow()
    this.#slots[this.#slot(this.unacked + this.#gap + this.queued)] = item
    this.queued++
  }

  /** The first that waits is sent now. */
  markSent(): void {
    if (this.#gap > 0) this.#put(this.unacked, this.#remove(this.unacked + this.#gap))
    this.unacked++
    this.queued--
  }

  /** Takes out the first of the unacknowledged ones. */
  acknowledge(): T {
    const item = this.#remove(0) as T
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    if (--this.unacked === 0) this.#onEmptied()
    return item
  }

  /** Takes out the first of those that wait. */
  dropOldestQueued(): T {
    const item = this.#remove(this.unacked + this.#gap) as T
    this.queued--
    this.#gap++
    if (this.queued === 0) this.#onEmptied()
    return item
  }

  /** Keeps, in order, those of the waiting ones that `keep` says yes to; tells what fell out. */
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

  /** What was sent waits again, in front of the others. */
  requeueSent(): void {
    if (this.#gap > 0) this.#resize(this.#slots.length)
    this.queued += this.unacked
    this.unacked = 0
  }

  /** Takes out all that is unacknowledged, first one first. */
  drainUnacked(): T[] {
    const items: T[] = []
    while (this.unacked > 0) items.push(this.acknowledge())
    return items
  }

  /** Takes out all that waits, first one first. */
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
    // A gap of half the ring is room enough.
    const { length } = this.#slots
    this.#resize(this.#gap * 2 >= length && length > 0 ? length : Math.max(SLOTS_MIN, length * 2))
  }

  /** Puts everything in line, without a gap. */
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
