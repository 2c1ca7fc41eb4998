/** Messages as JSON, for programs at the other end of a pipe: what JSON lacks is spelled out. */

/**
 * Makes JSON of a message. A `bigint` becomes `{ "$bigint": "…" }`, bytes `{ "$bytes": "<base64>"
 * }`, a date `{ "$date": "<ISO>" }`; `undefined` and the numbers that JSON lacks become `null`.
 */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? null : value }
  if (Array.isArray(value)) return value.map(toJson)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner)]))
}

/** Takes back what `toJson` made. */
export function fromJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(fromJson)
  const entries = Object.entries(value)
  const [only] = entries
  if (only !== undefined && entries.length === 1) {
    const [key, text] = only
    if (key === '$bigint' && typeof text === 'string' && /^-?\d+$/.test(text)) return BigInt(text)
    if (key === '$bytes' && typeof text === 'string') {
      return Uint8Array.from(Buffer.from(text, 'base64'))
    }
    if (key === '$date' && typeof text === 'string') return new Date(text)
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, fromJson(inner)]))
}
