/** The message shapes of the codec benchmark, and the check that the other codecs lack. */

const ENTRY = { term: 7, index: 1_201, command: { op: 'set', key: 'user:42', value: 'blue' } }
const TEXT = 'A line of text with an umlaut: ü. '

/** By name; every codec must return an equal value. */
export const MESSAGES = {
  'vote, 7 fields': {
    type: 'append',
    term: 7,
    leader: 1,
    sequence: 42,
    prevIndex: 41,
    commit: 12,
    ok: true,
  },
  '10 log entries': {
    type: 'append',
    term: 7,
    entries: Array.from({ length: 10 }, (_, at) => ({ ...ENTRY, index: 1_201 + at })),
  },
  '100 numbers': Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? at * 1_000 : at / 7)),
  'map of 50 keys': Object.fromEntries(
    Array.from({ length: 50 }, (_, at) => [`peer-${at}`, { at, up: at % 3 === 0 }]),
  ),
  'text of 1 KiB': { text: TEXT.repeat(30) },
  'bytes, 64 KiB': { chunk: new Uint8Array(65_536).fill(7) },
}

const DEPTH_MAX = 100
const INT64_MIN = -(2n ** 63n)
const UINT64_MAX = 2n ** 64n - 1n

/**
 * Checks that a message has only values that another process can read: what rx-cluster's codec
 * checks while it encodes and decodes. The depth limit also ends cycles.
 *
 * @throws Error at the first value that cannot be carried
 */
export function check(value, depth = 0) {
  switch (typeof value) {
    case 'boolean':
    case 'number':
    case 'undefined':
      return
    case 'string':
      if (!isWellFormed(value)) throw new Error('a lone surrogate')
      return
    case 'bigint':
      if (value < INT64_MIN || value > UINT64_MAX) throw new Error('more than 64 bits')
      return
    case 'object':
      return checkObject(value, depth)
    default:
      throw new Error(typeof value)
  }
}

function checkObject(value, depth) {
  if (value === null || value instanceof Uint8Array || value instanceof Date) return
  if (depth === DEPTH_MAX) throw new Error('too deep')
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) check(value[at], depth + 1)
    return
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw new Error('a class instance')
  for (const key of Object.keys(value)) {
    if (!isWellFormed(key)) throw new Error('a lone surrogate')
    check(value[key], depth + 1)
  }
}

function isWellFormed(text) {
  return text.isWellFormed()
}
