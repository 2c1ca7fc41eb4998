/** Converts messages to JSON and back without loss, for recordings and `rx-cluster up --json`. */
import { foreignKind } from './object-kind.ts'

/** The only key of an object that represents a value JSON lacks. */
const TAG = /^\$(?:bigint|bytes|date|undefined|number|object)$/

/**
 * Converts a message to JSON values that `fromJson` converts back.
 *
 * A `bigint` becomes `{ "$bigint": "5" }`, a `Uint8Array` `{ "$bytes": "<base64>" }`, a `Date`
 * `{ "$date": "<ISO>" }`, `undefined` `{ "$undefined": true }`, a number that JSON lacks
 * `{ "$number": "NaN" }`. An object that has one of these forms becomes `{ "$object": { … } }`.
 */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (value === undefined) return { $undefined: true }
  if (typeof value === 'number')
    return isJsonNumber(value) ? value : { $number: formatNumber(value) }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toJson)
  const foreign = foreignKind(value)
  if (value instanceof Uint8Array || foreign === 'bytes') {
    return { $bytes: Buffer.from(value as Uint8Array).toString('base64') }
  }
  if (value instanceof Date || foreign === 'date')
    return { $date: Number.isNaN(Number(value)) ? null : value }
  const entries = Object.entries(value)
  const json = Object.fromEntries(entries.map(([key, inner]) => [key, toJson(inner)]))
  return isTagged(entries) ? { $object: json } : json
}

/** Converts the result of `toJson` back to the message. */
export function fromJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(fromJson)
  const entries = Object.entries(value)
  if (isTagged(entries)) {
    const [[key, inner]] = entries as [[string, unknown]]
    const decoded = fromTagged(key, inner)
    if (decoded !== undefined) return decoded.value
  }
  return objectFromJson(entries)
}

/** Undefined where the value does not fit the tag: then it is an ordinary object. */
function fromTagged(key: string, inner: unknown): { readonly value: unknown } | undefined {
  switch (key) {
    case '$undefined':
      return inner === true ? { value: undefined } : undefined
    case '$date':
      if (inner === null) return { value: new Date(NaN) }
      return typeof inner === 'string' ? { value: new Date(inner) } : undefined
    case '$object': {
      const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      return isObject ? { value: objectFromJson(Object.entries(inner)) } : undefined
    }
  }
  if (typeof inner !== 'string') return undefined
  if (key === '$bigint') return /^-?\d+$/.test(inner) ? { value: BigInt(inner) } : undefined
  if (key === '$bytes') return { value: Uint8Array.from(Buffer.from(inner, 'base64')) }
  return /^(?:NaN|-?Infinity|-0)$/.test(inner) ? { value: Number(inner) } : undefined
}

function isTagged(entries: readonly (readonly [string, unknown])[]): boolean {
  return entries.length === 1 && TAG.test(entries[0]?.[0] ?? '')
}

function objectFromJson(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(entries.map(([key, inner]) => [key, fromJson(inner)]))
}

function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0)
}

function formatNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
