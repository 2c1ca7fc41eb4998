/** A cache of object keys by their bytes: most messages have the same few keys. */

interface CachedKey {
  readonly bytes: Uint8Array
  readonly key: string
}

const SLOT_COUNT = 1024
const KEY_BYTES_MAX = 31

/** Caches up to 1,024 keys of up to 31 bytes. A peer that sends many keys only evicts others. */
export class KeyCache {
  readonly #slots: (CachedKey | undefined)[] = Array.from({ length: SLOT_COUNT }, () => undefined)

  /** Returns the key with these bytes, if it is cached. */
  get(source: Uint8Array, start: number, end: number): string | undefined {
    const cached = this.#slots[slotIndex(source, start, end)]
    if (cached === undefined) return undefined
    const { bytes, key } = cached
    if (bytes.length !== end - start) return undefined
    for (let index = 0; index < bytes.length; index++) {
      if (bytes[index] !== source[start + index]) return undefined
    }
    return key
  }

  /** Caches a key, in place of another one with the same hash. */
  set(source: Uint8Array, start: number, end: number, key: string): void {
    if (end - start > KEY_BYTES_MAX) return
    const bytes = Uint8Array.prototype.slice.call(source, start, end)
    this.#slots[slotIndex(source, start, end)] = { bytes, key }
  }
}

function slotIndex(source: Uint8Array, start: number, end: number): number {
  if (start === end) return 0
  const first = source[start] as number
  const middle = source[(start + end) >>> 1] as number
  const last = source[end - 1] as number
  return ((end - start) * 31 + first * 7 + middle * 17 + last * 131) & (SLOT_COUNT - 1)
}
