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
  #map: Map<K, V> | undefined = undefined

  get size(): number {
    if (this.#map !== undefined) return this.#map.size
    return this.#value === undefined ? 0 : 1
  }

  /** What stands first; undefined where nothing does. */
  get first(): V | undefined {
    if (this.#map === undefined) return this.#value
    for (const value of this.#map.values()) return value
    return undefined
  }

  get(key: K): V | undefined {
    if (this.#map !== undefined) return this.#map.get(key)
    return this.#key === key ? this.#value : undefined
  }

  has(key: K): boolean {
    return this.get(key) !== undefined
  }

  /** @param value anything but undefined */
  set(key: K, value: V): void {
    if (this.#map !== undefined) {
      this.#map.set(key, value)
    } else if (this.#value === undefined || this.#key === key) {
      this.#key = key
      this.#value = value
    } else {
      this.#map = new Map<K, V>([
        [this.#key as K, this.#value],
        [key, value],
      ])
      this.#key = undefined
      this.#value = undefined
    }
  }

  /** @returns whether it was there */
  delete(key: K): boolean {
    if (this.#map !== undefined) {
      const existed = this.#map.delete(key)
      if (this.#map.size === 0) this.#map = undefined
      return existed
    }
    if (this.#value === undefined || this.#key !== key) return false
    this.#key = undefined
    this.#value = undefined
    return true
  }

  values(): Iterable<V> {
    if (this.#map !== undefined) return this.#map.values()
    return this.#value === undefined ? NO_VALUES : [this.#value]
  }
}

const NO_VALUES: readonly never[] = []
