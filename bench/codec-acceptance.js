/**
 * What each codec accepts: values that cannot be carried and bytes that are not valid.
 *
 * Run as a program, `node codec-acceptance.js <contender> <case>`, it prints the outcome of one
 * case: a process of its own, because some cases exhaust memory or time.
 */
import { inspect, isDeepStrictEqual } from 'node:util'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openContender } from './codec-contenders.js'

const CASE_TIMEOUT_MS = 20_000
const HEAP_MB = 512

const cycle = {}
cycle.self = cycle
class Point {
  x = 1
}
const nested = (depth) => {
  let value = 1
  for (let at = 0; at < depth; at++) value = [value]
  return value
}

/** Values, each made anew: their encoding should be refused, or decode to an equal value. */
const VALUES = {
  'undefined in an object': () => ({ a: undefined }),
  function: () => ({ f: () => 1 }),
  symbol: () => ({ s: Symbol('s') }),
  cycle: () => cycle,
  'class instance': () => new Point(),
  Map: () => new Map([['a', 1]]),
  Set: () => new Set([1]),
  RegExp: () => /a/g,
  Error: () => new Error('failed'),
  'array with a hole': () => Object.assign([1], { 2: 3 }),
  'object with toJSON': () => ({ a: 1, toJSON: () => 'text' }),
  '__proto__ as an own key': () => JSON.parse('{"__proto__":{"admin":true}}'),
  'lone surrogate': () => 'a\ud800b',
  'Invalid Date': () => new Date(NaN),
  'bigint of 5': () => 5n,
  'bigint over 64 bits': () => 2n ** 70n,
  'negative zero': () => -0,
  'nested 100 deep': () => nested(100),
  'nested 10,000 deep': () => nested(10_000),
}

const hex = (text) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const repeat = (byte, count, end) => Buffer.concat([Buffer.alloc(count, byte), hex(end)])

/** Bytes in both formats, as pairs of MessagePack and CBOR: all but the first two are invalid. */
const BYTES = {
  'duplicate key': ['82 a161 01 a161 02', 'a2 6161 01 6161 02'],
  'key __proto__': ['81 a9 5f5f70726f746f5f5f 81 a161 01', 'a1 69 5f5f70726f746f5f5f a1 6161 01'],
  'integer as a key': ['81 01 02', 'a1 01 02'],
  'array as a key': ['81 9101 02', 'a1 8101 02'],
  'bytes after the value': ['01 02', '01 02'],
  'no bytes': ['', ''],
  'truncated text': ['a5 6162', '65 6162'],
  'invalid UTF-8': ['a2 c328', '62 c328'],
  'surrogate as UTF-8': ['a3 eda080', '63 eda080'],
  'overlong UTF-8': ['a2 c0af', '62 c0af'],
  'unknown type code': ['c1', '1c'],
  'unknown extension': ['d4 2a 01', 'd9 ffaa 01'],
  'timestamp of 2⁶⁰ s': ['c7 0c ff 00000000 1000000000000000', 'c1 1b 1000000000000000'],
  'timestamp, 2³⁰ − 1 ns': ['d7 ff fffffffc00000001', undefined],
  'timestamp NaN': [undefined, 'c1 fb 7ff8000000000000'],
  'array of 2³² − 1 declared': ['dd ffffffff', '9a ffffffff'],
  'map of 2³² − 1 declared': ['df ffffffff', 'ba ffffffff'],
  'bytes of 2³² − 1 declared': ['c6 ffffffff', '5a ffffffff'],
  'arrays nested 100,000 deep': [repeat(0x91, 100_000, '01'), repeat(0x81, 100_000, '01')],
}

/** The names of all cases, as `encode: …` and `decode: …`. */
export const CASES = [
  ...Object.keys(VALUES).map((name) => `encode: ${name}`),
  ...Object.keys(BYTES).map((name) => `decode: ${name}`),
]

/** @returns `refused`, `kept`, `accepted: …`, `changed: …`, or how the process failed */
export function outcomeOf(contender, name) {
  const program = fileURLToPath(import.meta.url)
  const args = [`--max-old-space-size=${HEAP_MB}`, program, contender, name]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: CASE_TIMEOUT_MS }, (error, out) => {
      if (error === null) resolve(out.trim())
      else if (error.killed) resolve(`HANGS for ${CASE_TIMEOUT_MS / 1_000} s`)
      else resolve(`CRASHES with ${error.signal ?? error.code}`)
    })
  })
}

function encodeCase({ encode, decode }, make) {
  const value = make()
  let bytes
  try {
    bytes = Uint8Array.from(encode(value))
  } catch (error) {
    return refusal(error)
  }
  try {
    const read = decode(bytes)
    return isSame(read, make()) ? 'kept' : `changed: ${short(read)}`
  } catch {
    return 'accepted: not decodable'
  }
}

/** Two invalid dates are equal here, which `isDeepStrictEqual` denies. */
function isSame(one, other) {
  if (one instanceof Date && other instanceof Date) return Object.is(+one, +other)
  return isDeepStrictEqual(one, other)
}

function decodeCase({ decode, format }, [messagePack, cbor]) {
  const given = format === 'CBOR' ? cbor : messagePack
  if (given === undefined) return 'no such form'
  const bytes = typeof given === 'string' ? hex(given) : given
  try {
    return `accepted: ${short(decode(bytes))}`
  } catch (error) {
    return refusal(error)
  }
}

/** A stack overflow is no check: it depends on how deep the caller's stack is. */
function refusal(error) {
  return /call stack/i.test(error.message) ? 'STACK OVERFLOW' : 'refused'
}

function short(value) {
  const own = Object.getOwnPropertyNames(value ?? {}).includes('__proto__')
  const text = inspect(value, { breakLength: Infinity, compact: true, depth: 2, maxArrayLength: 3 })
  const shown = own ? `own key ${text}` : text
  return shown.length > 26 ? `${shown.slice(0, 25)}…` : shown
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [contender, name] = process.argv.slice(2)
  const opened = await openContender(contender)
  const [kind, ...rest] = name.split(': ')
  const subject = rest.join(': ')
  const run = kind === 'encode' ? encodeCase : decodeCase
  console.log(run(opened, (kind === 'encode' ? VALUES : BYTES)[subject]))
}
