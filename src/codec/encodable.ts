/** Finds the first value of a message that cannot be encoded, with its path. */
import { DEPTH_MAX } from './limits.ts'
import { describeValue, formatPath } from '../base/describe-value.ts'
import { NotEncodableError } from '../ports/codec.ts'
import { foreignKind, intrinsicLength } from './object-kind.ts'

const TOO_DEEP = Symbol('too deep')

const INT64_MIN = -(2n ** 63n)
const UINT64_MAX = 2n ** 64n - 1n

/** What to send instead of an instance of a class. */
const INSTEAD: Readonly<Record<string, string>> = {
  Map: 'Object.fromEntries(map) or [...map]',
  Set: '[...set]',
  Error: '{ message: error.message }',
  ArrayBuffer: 'new Uint8Array(buffer)',
  Promise: 'its value',
}

/** The keys to the value being checked, from the outside in. Only the first `depth` count. */
const path: (string | number)[] = []
let depth = 0
let values = 0
let maxValues = 0

/** Returns whether an int64 or a uint64 holds the value. */
export function isEncodableBigint(value: bigint): boolean {
  return value >= INT64_MIN && value <= UINT64_MAX
}

/**
 * Checks every value of a message.
 *
 * @param max the largest number of keys and values
 * @throws NotEncodableError with the path of the first value that cannot be encoded, or of the
 *   array or object whose keys and values are too many
 */
export function assertEncodable(msg: unknown, max: number): void {
  depth = 0
  values = 1
  maxValues = max
  try {
    check(msg)
  } catch (error) {
    if (error instanceof NotEncodableError) throw error
    if (error === TOO_DEEP) throw tooDeep(msg)
    // The error of a getter or a proxy.
    throw notEncodable(`a value that cannot be read (${String(error)})`)
  }
}

function check(value: unknown): void {
  switch (typeof value) {
    case 'string':
      checkText(value)
      return
    case 'number':
    case 'boolean':
    case 'undefined':
      return
    case 'object':
      if (value !== null) checkObject(value)
      return
    case 'bigint':
      if (!isEncodableBigint(value)) throw notEncodable('a bigint beyond 64 bits')
      return
    default:
      throw notEncodable(describeValue(value))
  }
}

function checkObject(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) checkRecord(value)
  else if (prototype === Array.prototype && Array.isArray(value)) checkArray(value)
  else if (prototype === Uint8Array.prototype || prototype === Buffer.prototype) {
    intrinsicLength(value as Uint8Array)
  }
  // Throws for an object that only inherits from Date.
  else if (prototype === Date.prototype) Date.prototype.getTime.call(value)
  else checkForeign(value)
}

function checkForeign(value: object): void {
  switch (foreignKind(value)) {
    case 'map':
      return checkRecord(value)
    case 'array':
      return checkArray(value as readonly unknown[])
    case 'bytes':
    case 'date':
      return
    default:
      throw notEncodable(describeObject(value))
  }
}

function checkRecord(value: object): void {
  const record = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(record)
  if (Object.getOwnPropertySymbols(record).length > 0) throw notEncodable('a symbol as key')
  const level = enter(keys.length * 2)
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as string
    path[level] = key
    if (key === '__proto__') throw notEncodable('a key of this name')
    checkText(key)
    check(record[key])
  }
  depth = level
}

function checkArray(array: readonly unknown[]): void {
  const { length } = array
  const level = enter(length)
  for (let index = 0; index < length; index++) {
    path[level] = index
    const value = array[index]
    if (value === undefined && !(index in array)) throw notEncodable('a hole in an array')
    check(value)
  }
  depth = level
}

/** Enters an array or an object. @returns the index of its keys in `path` */
function enter(keysAndValues: number): number {
  if (depth >= DEPTH_MAX) throw TOO_DEEP
  values += keysAndValues
  if (values > maxValues) {
    const found = `more than ${maxValues} keys and values in all (maxMessageValues)`
    throw new NotEncodableError(formatPath('msg', path.slice(0, depth)), found, 'too-complex')
  }
  return depth++
}

function checkText(text: string): void {
  if (!text.isWellFormed()) throw notEncodable('a lone surrogate')
}

function notEncodable(found: string): NotEncodableError {
  return new NotEncodableError(formatPath('msg', path.slice(0, depth)), found)
}

/** Distinguishes a cycle from a deep message by the objects along the path. */
function tooDeep(msg: unknown): NotEncodableError {
  const visited = new Set<unknown>()
  let value = msg
  for (const [level, key] of path.slice(0, depth).entries()) {
    visited.add(value)
    value = (value as Readonly<Record<string | number, unknown>>)[key]
    if (visited.has(value))
      return new NotEncodableError(formatPath('msg', path.slice(0, level + 1)), 'a cycle')
  }
  return new NotEncodableError('msg', `more than ${DEPTH_MAX} levels of arrays and objects`)
}

function describeObject(value: object): string {
  const name: unknown = value.constructor?.name
  if (typeof name !== 'string' || name === '') return 'an unusual object: send a plain one'
  return `an instance of ${name}: send ${INSTEAD[name] ?? 'a plain object'}`
}
