/** What a message may hold, and what is wrong with one that holds something else. */
import { MAX_CONTAINERS, MAX_DEPTH } from './bounds.ts'
import { NotEncodable } from '../../ports/codec.ts'

const LONGEST_KEY = 60
const TOO_DEEP = Symbol('too deep')

/** Node 20 has it, the library of ES2023 does not. */
interface WellFormed {
  isWellFormed(): boolean
}

const INT64_MIN = -(2n ** 63n)
const UINT64_MAX = 2n ** 64n - 1n

/**
 * The keys that lead to what is looked at, from the outside in; the first `depth` of them count.
 */
const trail: (string | number)[] = []
let depth = 0
let containers = 0

const lengthOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  'length',
)?.get as (this: Uint8Array) => number

/** How long they are, whatever they say; it throws for what only inherits from bytes. */
export function lengthOfBytes(bytes: Uint8Array): number {
  return lengthOf.call(bytes)
}

/** Tells whether 64 bits hold it. */
export function isCarriableBigint(value: bigint): boolean {
  return value >= INT64_MIN && value <= UINT64_MAX
}

/**
 * Looks at everything in a message, once.
 *
 * @throws NotEncodable with the path of the first thing that cannot be carried
 */
export function checkCarriable(msg: unknown): void {
  depth = 0
  containers = 0
  try {
    check(msg)
  } catch (error) {
    if (error instanceof NotEncodable) throw error
    if (error === TOO_DEEP) throw tooDeep(msg)
    // A getter or a proxy may throw whatever it likes.
    throw refused(`what cannot be read (${String(error)})`)
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
      if (!isCarriableBigint(value)) throw refused('a bigint beyond 64 bits')
      return
    default:
      throw refused(`a ${typeof value}`)
  }
}

function checkObject(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) checkRecord(value)
  else if (prototype === Array.prototype && Array.isArray(value)) checkArray(value)
  else if (prototype === Uint8Array.prototype || prototype === Buffer.prototype) {
    lengthOfBytes(value as Uint8Array)
  }
  // It throws for what only inherits from it.
  else if (prototype === Date.prototype) Date.prototype.getTime.call(value)
  else throw refused(nameOf(value))
}

function checkRecord(value: object): void {
  const record = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(record)
  if (Object.getOwnPropertySymbols(record).length > 0) throw refused('a symbol as key')
  const level = enter()
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as string
    trail[level] = key
    if (key === '__proto__') throw refused('a key of this name')
    checkText(key)
    check(record[key])
  }
  depth = level
}

function checkArray(array: readonly unknown[]): void {
  const { length } = array
  const level = enter()
  for (let index = 0; index < length; index++) {
    trail[level] = index
    const value = array[index]
    if (value === undefined && !(index in array)) throw refused('a hole in an array')
    check(value)
  }
  depth = level
}

/** Steps into an array or an object. @returns the place of its keys in the trail */
function enter(): number {
  if (++containers > MAX_CONTAINERS) {
    throw refused(`more than ${MAX_CONTAINERS} arrays and objects`)
  }
  if (depth >= MAX_DEPTH) throw TOO_DEEP
  return depth++
}

function checkText(text: string): void {
  if (!(text as unknown as WellFormed).isWellFormed()) throw refused('a lone surrogate')
}

function refused(found: string): NotEncodable {
  return new NotEncodable(pathOf(trail.slice(0, depth)), found)
}

/** Tells a cycle from mere depth, by the path on which it went too deep. */
function tooDeep(msg: unknown): NotEncodable {
  const seen = new Set<unknown>()
  let value = msg
  for (const [level, key] of trail.slice(0, depth).entries()) {
    seen.add(value)
    value = (value as Readonly<Record<string | number, unknown>>)[key]
    if (seen.has(value)) return new NotEncodable(pathOf(trail.slice(0, level + 1)), 'a cycle')
  }
  return new NotEncodable('msg', `more than ${MAX_DEPTH} levels of arrays and objects`)
}

function pathOf(keys: readonly (string | number)[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`
    const isName = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) && key.length <= LONGEST_KEY
    return isName ? `${path}.${key}` : `${path}[${JSON.stringify(key.slice(0, LONGEST_KEY))}]`
  }, 'msg')
}

function nameOf(value: object): string {
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an unusual object'
}
