/** Replaces properties of global objects, and restores them exactly. */

/** Properties that are replaced, until `restore`. */
export class Replacements {
  readonly #restores: (() => void)[] = []

  /**
   * Replaces a property by a value computed from the current one. Does nothing where there is no
   * such property, or where it cannot be replaced.
   *
   * A value behind an accessor is computed when it is read: Node.js loads some globals only then.
   */
  replace(object: object, key: string, replaced: (current: unknown) => unknown): void {
    const own = Object.getOwnPropertyDescriptor(object, key)
    const descriptor = own ?? inheritedDescriptor(object, key)
    if (descriptor === undefined || own?.configurable === false) return
    const { get: getCurrent } = descriptor
    const current = descriptor.value as unknown
    if (own?.writable === true)
      this.#assign(object as Record<string, unknown>, key, current, replaced)
    else if (getCurrent === undefined) {
      this.define(object, key, { ...descriptor, value: replaced(current) })
    } else this.define(object, key, { ...descriptor, get: () => replaced(getCurrent.call(object)) })
  }

  /** Assigns a property, which takes a third of the time of defining it. */
  #assign(
    object: Record<string, unknown>,
    key: string,
    current: unknown,
    replaced: (current: unknown) => unknown,
  ): void {
    object[key] = replaced(current)
    this.#restores.push(() => (object[key] = current))
  }

  /** Replaces an own or inherited property by another one. */
  define(object: object, key: string, descriptor: PropertyDescriptor): void {
    const own = Object.getOwnPropertyDescriptor(object, key)
    Object.defineProperty(object, key, descriptor)
    this.#restores.push(() => {
      if (own === undefined) Reflect.deleteProperty(object, key)
      else Object.defineProperty(object, key, own)
    })
  }

  /** Restores everything, in reverse order. */
  restore(): void {
    for (const restore of this.#restores.splice(0).toReversed()) restore()
  }
}

function inheritedDescriptor(object: object, key: string): PropertyDescriptor | undefined {
  const prototype = Object.getPrototypeOf(object) as object | null
  if (prototype === null) return undefined
  return Object.getOwnPropertyDescriptor(prototype, key) ?? inheritedDescriptor(prototype, key)
}
