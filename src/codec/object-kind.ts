/**
 * Finds how an object of another realm (`node:vm`, jest) is encoded: as a map, an array, bytes or
 * a date.
 */

/** The kinds of objects that a message may contain. */
export type ObjectKind = 'map' | 'array' | 'bytes' | 'date'

const TYPED_ARRAY: unknown = Object.getPrototypeOf(Uint8Array.prototype)
const typedArrayName = getterOf(TYPED_ARRAY, Symbol.toStringTag)
const typedArrayLength = getterOf(TYPED_ARRAY, 'length')

/**
 * Returns the kind of an object whose prototype is none of this realm; undefined for an instance of
 * a class, and for every other object that no message may contain.
 *
 * A built-in prototype is recognised by the name of its own constructor and by its distance to the
 * root. A class of the same name fails at what only a built-in can have: the slots that the methods
 * of this realm read.
 */
export function foreignKind(value: object): ObjectKind | undefined {
  const prototype: unknown = Object.getPrototypeOf(value)
  switch (constructorName(prototype)) {
    case 'Object':
      return isRoot(prototype) ? 'map' : undefined
    case 'Array':
      return isArrayPrototype(prototype) && Array.isArray(value) ? 'array' : undefined
    case 'Date':
      return isRoot(parentOf(prototype)) && isDate(value) ? 'date' : undefined
    case 'Uint8Array':
      return isRoot(parentOf(parentOf(prototype))) && isBytes(value) ? 'bytes' : undefined
    default:
      return undefined
  }
}

function isBytes(value: object): boolean {
  return typedArrayName.call(value) === 'Uint8Array'
}

function isDate(value: object): boolean {
  try {
    Date.prototype.getTime.call(value)
    return true
  } catch {
    return false
  }
}

/** Returns the true length, whatever `length` says. Throws for a mere heir of Uint8Array. */
export function intrinsicLength(bytes: Uint8Array): number {
  return typedArrayLength.call(bytes) as number
}

function isArrayPrototype(prototype: unknown): boolean {
  return Array.isArray(prototype) && isRoot(parentOf(prototype))
}

/** Whether it is an `Object.prototype`: the root of a realm. */
function isRoot(prototype: unknown): boolean {
  return isObject(prototype) && parentOf(prototype) === null && hasOwn(prototype, 'isPrototypeOf')
}

function parentOf(prototype: unknown): unknown {
  return isObject(prototype) ? Object.getPrototypeOf(prototype) : undefined
}

function constructorName(prototype: unknown): unknown {
  if (!isObject(prototype) || !hasOwn(prototype, 'constructor')) return undefined
  const { constructor } = prototype
  return typeof constructor === 'function' ? constructor.name : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function hasOwn(value: object, key: string): boolean {
  return Object.hasOwn(value, key)
}

function getterOf(prototype: unknown, key: PropertyKey): (this: unknown) => unknown {
  return Object.getOwnPropertyDescriptor(prototype, key)?.get as (this: unknown) => unknown
}
