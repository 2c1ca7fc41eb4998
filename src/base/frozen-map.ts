/** Maps that nobody can change: what a stream hands out is the same for everyone. */

class FrozenMap<K, V> extends Map<K, V> {
  override set(key: K, value: V): this {
    // The constructor of Map fills it through `set`, before there is anything to protect.
    if (Object.isFrozen(this)) throw new TypeError('this map is frozen: copy it with new Map(map)')
    return super.set(key, value)
  }

  override delete(): boolean {
    throw new TypeError('this map is frozen: copy it with new Map(map)')
  }

  override clear(): void {
    throw new TypeError('this map is frozen: copy it with new Map(map)')
  }
}

/** Tells whether a map is one that nobody can change. */
export function isFrozenMap(map: unknown): boolean {
  return map instanceof FrozenMap
}

/** Copies a map into one that throws whenever somebody tries to change it. */
export function frozenMap<K, V>(entries: Iterable<readonly [K, V]>): ReadonlyMap<K, V> {
  return Object.freeze(new FrozenMap(entries))
}
