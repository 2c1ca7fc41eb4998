/** A map that is nearly always of one: a large process has half a million of them. */

/**
 * A map in the order of insertion, as `Map` is; one entry stands in the object itself, and only
 * what holds two or more has a `Map`.
 */
export class SmallMap<K, V> {
  #key: K | undefined = undefined
  /** Undefined where there is none, or where there are more. */
  #value: V | undefined = undefined
  /** Kept until it is empty. */
  #more: Map<K, V> | undefined = undefined

  get size(): number {
    if (this.#more !== undefined) return this.#more.size
    return this.#value === undefined ? 0 : 1
  }

  /** What stands first; undefined where nothing does. */
  get first(): V | undefined {
    if (this.#more === undefined) return this.#value
    for (const value of this.#more.values()) return value
    return undefined
  }

  get(key: K): V | undefined {
    if (this.#more !== undefined) return this.#more.get(key)
    return this.#key === key ? this.#value : undefined
  }

  has(key: K): boolean {
    return this.get(key) !== undefined
  }

  /** @param value anything but undefined */
  set(key: K, value: V): void {
    if (this.#more !== undefined) {
      this.#more.set(key, value)
    } else if (this.#value === undefined || this.#key === key) {
      this.#key = key
      this.#value = value
    } else {
      this.#more = new Map<K, V>([
        [this.#key as K, this.#value],
        [key, value],
      ])
      this.#key = undefined
      this.#value = undefined
    }
  }

  /** @returns whether it was there */
  delete(key: K): boolean {
    if (this.#more !== undefined) {
      const found = this.#more.delete(key)
      if (this.#more.size === 0) this.#more = undefined
      return found
    }
    if (this.#value === undefined || this.#key !== key) return false
    this.#key = undefined
    this.#value = undefined
    return true
  }

  values(): Iterable<V> {
    if (this.#more !== undefined) return this.#more.values()
    return this.#value === undefined ? NOTHING : [this.#value]
  }
}

const NOTHING: readonly never[] = []
