/** A set of the most recent distinct keys. */

/** Remembers the last `size` distinct keys, in constant time and bounded memory. */
export class DedupeWindow {
  readonly #size: number
  readonly #keys = new Set<string>()
  /** The keys by age. `#oldest` is the next index to overwrite, once the ring is full. */
  readonly #ring: string[] = []
  #oldest = 0

  /** @param size how many keys are remembered, an integer of at least 1 */
  constructor(size: number) {
    this.#size = size
  }

  /**
   * Adds a key and returns whether it was new.
   *
   * A repeated key keeps its age: it is forgotten after `size` new keys.
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
