/** Immutable maps: all subscribers of a stream share the map that it emits. */

const MESSAGE = 'this map is frozen: copy it with new Map(map)'

class FrozenMap<K, V> extends Map<K, V> {
  override set(key: K, value: V): this {
    // The constructor of Map calls `set` before the map is frozen.
    if (Object.isFrozen(this)) throw new TypeError(MESSAGE)
    return super.set(key, value)
  }

  override delete(): boolean {
    throw new TypeError(MESSAGE)
  }

  override clear(): void {
    throw new TypeError(MESSAGE)
  }
}

/** Returns whether `frozenMap` made this map. */
export function isFrozenMap(map: unknown): boolean {
  return map instanceof FrozenMap
}

/** Copies entries into a map whose `set`, `delete` and `clear` throw a TypeError. */
export function frozenMap<K, V>(entries: Iterable<readonly [K, V]>): ReadonlyMap<K, V> {
  return Object.freeze(new FrozenMap(entries))
}
