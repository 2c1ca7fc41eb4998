/** The keys of objects, seen before: most messages have the same few. */

/** A key and the bytes it was read from. */
interface CachedKey {
  readonly bytes: Uint8Array
  readonly key: string
}

const SLOT_COUNT = 1024
/** Longer keys are not kept. */
const KEY_BYTES_MAX = 31

/**
 * Remembers so many short keys by their bytes. Strangers can fill it with theirs; it just forgets.
 */
export class KeyCache {
  readonly #slots: (CachedKey | undefined)[] = Array.from({ length: SLOT_COUNT }, () => undefined)

  /** The key that stands in these bytes, if it is known. */
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

  /** Remembers a key. */
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
