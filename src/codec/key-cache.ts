/** A cache of object keys by their bytes: most messages have the same few keys. */

/** A key that was decoded. */
export interface CachedKey {
  readonly bytes: Uint8Array
  readonly key: string
  /** Whether it is the name of a property of `Object.prototype`. */
  readonly isInherited: boolean
}

const SLOT_COUNT = 1024
const KEY_BYTES_MAX = 31
const NO_BYTES = new Uint8Array()

/** Caches up to 1,024 keys of up to 31 bytes. A peer that sends many keys only evicts others. */
export class KeyCache {
  readonly #slots: (CachedKey | undefined)[] = Array.from({ length: SLOT_COUNT }, () => undefined)

  /** Returns the key with these bytes, if it is cached. */
  get(source: Uint8Array, start: number, end: number): CachedKey | undefined {
    const cached = this.#slots[slotIndex(source, start, end)]
    if (cached === undefined) return undefined
    const { bytes } = cached
    if (bytes.length !== end - start) return undefined
    for (let index = 0; index < bytes.length; index++) {
      if (bytes[index] !== source[start + index]) return undefined
    }
    return cached
  }

  /** Caches a key, in place of another one with the same hash. */
  add(source: Uint8Array, start: number, end: number, key: string): CachedKey {
    const isInherited = key in Object.prototype
    if (end - start > KEY_BYTES_MAX) return { bytes: NO_BYTES, key, isInherited }
    // A loop, because a view of the source would take longer to create than a few bytes to copy.
    const bytes = new Uint8Array(end - start)
    for (let index = 0; index < bytes.length; index++)
      bytes[index] = source[start + index] as number
    const cached = { bytes, key, isInherited }
    this.#slots[slotIndex(source, start, end)] = cached
    return cached
  }
}

function slotIndex(source: Uint8Array, start: number, end: number): number {
  if (start === end) return 0
  const first = source[start] as number
  const middle = source[(start + end) >>> 1] as number
  const last = source[end - 1] as number
  return ((end - start) * 31 + first * 7 + middle * 17 + last * 131) & (SLOT_COUNT - 1)
}
