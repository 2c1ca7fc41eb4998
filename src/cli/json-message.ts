/**
 * Messages as JSON: what JSON has stays as it is, everything else becomes `{"$": name, "value": …}`.
 *
 *     5n                 {"$":"bigint","value":"5"}
 *     Uint8Array         {"$":"bytes","value":"aGVsbG8="}
 *     Date               {"$":"date","value":"2026-01-01T00:00:00.000Z"}, or null for an invalid one
 *     NaN, -0, Infinity  {"$":"number","value":"NaN"}
 *     undefined          {"$":"undefined"}
 *     {"$": 1}           {"$":"object","value":{"$":1}}
 */

/** Writes a message in JSON's own types. */
export function toJson(msg: unknown): unknown {
  if (msg === undefined) return { $: 'undefined' }
  if (typeof msg === 'bigint') return { $: 'bigint', value: String(msg) }
  if (typeof msg === 'number') return isJsonNumber(msg) ? msg : { $: 'number', value: show(msg) }
  if (typeof msg !== 'object' || msg === null) return msg
  if (msg instanceof Date) return { $: 'date', value: msg.toJSON() }
  if (msg instanceof Uint8Array) {
    return { $: 'bytes', value: Buffer.from(msg).toString('base64') }
  }
  if (Array.isArray(msg)) return msg.map(toJson)
  const object = mapValues(msg, toJson)
  return Object.hasOwn(msg, '$') ? { $: 'object', value: object } : object
}

/**
 * Reads what `toJson` wrote.
 *
 * @throws Error where a `$` is followed by nothing that makes sense
 */
export function fromJson(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(fromJson)
  if (!Object.hasOwn(json, '$')) return mapValues(json, fromJson)
  const { $: name, value } = json as { readonly $?: unknown; readonly value?: unknown }
  if (name === 'undefined') return undefined
  if (name === 'bigint' && typeof value === 'string' && /^-?\d{1,20}$/.test(value)) {
    return BigInt(value)
  }
  if (name === 'bytes' && typeof value === 'string') {
    return Uint8Array.from(Buffer.from(value, 'base64'))
  }
  if (name === 'date' && (value === null || typeof value === 'string')) {
    return new Date(value ?? Number.NaN)
  }
  if (name === 'number' && (value === 'NaN' || value === '-0' || /^-?Infinity$/.test(`${value}`))) {
    return Number(value)
  }
  if (name === 'object' && typeof value === 'object' && value !== null) {
    return mapValues(value, fromJson)
  }
  throw new Error(`${JSON.stringify(json).slice(0, 80)} is none of the values that "$" announces`)
}

function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0)
}

function show(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function mapValues(object: object, change: (value: unknown) => unknown): Record<string, unknown> {
  // Own keys are defined, not assigned: "__proto__" is a key like any other here.
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}
