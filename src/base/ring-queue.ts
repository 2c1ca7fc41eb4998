/** A first-in-first-out queue whose `shift` takes constant time, unlike the `shift` of an array. */

/** Shared by all empty queues: a large process has 100,000 of them. */
const NO_SLOTS: never[] = []
/** A power of two, as every later size: slots are chosen with a bit mask. */
const SLOTS_MIN = 4
/** A queue that has more slots than this releases them when it becomes empty. */
const SLOTS_KEPT_MAX = 16_384

/** A queue in a circular array that grows as needed. */
export class RingQueue<T> {
  #slots: (T | undefined)[] = NO_SLOTS
  #head = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Returns the item at `index` from the front, or undefined beyond the end. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)]
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item
    this.#length++
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    if (--this.#length === 0) this.#onEmptied()
    return item
  }

  /** Removes and returns all items, front first. */
  drain(): T[] {
    const items: T[] = []
    while (this.#length > 0) {
      items.push(this.shift() as T)
    }
    return items
  }

  #onEmptied(): void {
    this.#head = 0
    if (this.#slots.length > SLOTS_KEPT_MAX) this.#slots = NO_SLOTS
  }

  #grow(): void {
    const slots = new Array<T | undefined>(Math.max(SLOTS_MIN, this.#slots.length * 2))
    for (let index = 0; index < this.#length; index++) slots[index] = this.at(index)
    this.#slots = slots
    this.#head = 0
  }
}
