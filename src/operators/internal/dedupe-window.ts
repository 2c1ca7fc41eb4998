/** The dedupe window: remembers the last distinct keys, and no more of them. */

/** Remembers the last `size` distinct keys, in constant time and bounded memory. */
export class DedupeWindow {
  readonly #size: number
  readonly #keys = new Set<string>()
  /** The keys by age; `#oldest` is overwritten next once the ring is full. */
  readonly #ring: string[] = []
  #oldest = 0

  /** @param size keys, an integer of at least 1 */
  constructor(size: number) {
    this.#size = size
  }

  /**
   * Takes a key in, and tells whether it was new.
   *
   * A key that is seen again grows no younger: it is forgotten when `size` others have come after
   * its first time.
   */
  add(key: string): boolean {
    if (this.#keys.has(key)) return false
    if (this.#ring.length < this.#size) {
      this.#ring.push(key)
    } else {
      this.#keys.delete(this.#ring[this.#oldest] as string)
      this.#ring[this.#oldest] = key
      this.#oldest = (this.#oldest + 1) % this.#size
    }
    this.#keys.add(key)
    return true
  }
}
