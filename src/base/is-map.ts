/** Recognises maps of any realm: in jest, `Map` of a test is not that of this library. */

const sizeGetter = Object.getOwnPropertyDescriptor(Map.prototype, 'size')?.get

/** Returns whether a value is a Map, also of another realm. */
export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  try {
    sizeGetter?.call(value)
    return true
  } catch {
    return false
  }
}
