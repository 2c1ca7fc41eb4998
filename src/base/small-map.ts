/**
 * A map that stores a single entry in itself; a process with 700 nodes has half a million such
 * maps.
 */

/**
 * A map in insertion order. A single entry is stored in the object itself; a `Map` is allocated for
 * the second one. A value must not be undefined.
 */
export class SmallMap<K, V> {
  #key: K | undefined = undefined
  /** Undefined if the map is empty, or if `#map` holds the entries. */
  #value: V | undefined = undefined
  /** Allocated for the second entry, released with the last one. */
  #map: Map<K, V> | undefined = undefined

  get size(): number {
    if (this.#map !== undefined) return this.#map.size
    return this.#value === undefined ? 0 : 1
  }

  /** The oldest value; undefined if the map is empty. */
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

  /** @returns whether the key existed */
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
