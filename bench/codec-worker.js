// Measures one codec, alone in its process: prints nanoseconds per operation as one line of JSON.
import { isDeepStrictEqual } from 'node:util'
import { MESSAGES, check } from './codec-messages.js'
import { openContender } from './codec-contenders.js'

const [name, milliseconds] = process.argv.slice(2)
const contender = await openContender(name)
const { encodeOnly = contender.encode, decodeOwned = contender.decode } = contender
const checksItself = name === 'rx-cluster'
const checkedEncode = checksItself ? encodeOnly : (value) => (check(value), encodeOnly(value))
const checkedDecode = checksItself ? decodeOwned : (bytes) => check(decodeOwned(bytes))

const measurements = Object.entries(MESSAGES).flatMap(([shape, message]) => {
  const bytes = Uint8Array.from(contender.encode(message))
  if (!isDeepStrictEqual(asPlain(contender.decode(bytes)), asPlain(message))) {
    throw new Error(`${name} changes ${shape}`)
  }
  return [
    { shape, figure: 'bytes', value: bytes.length },
    { shape, figure: 'encodeNs', work: encodeOnly, argument: message },
    { shape, figure: 'decodeNs', work: decodeOwned, argument: bytes },
    { shape, figure: 'checkedEncodeNs', work: checkedEncode, argument: message },
    { shape, figure: 'checkedDecodeNs', work: checkedDecode, argument: bytes },
  ]
})

// All shapes warm up before any is measured: a cluster has several, too.
for (const one of measurements) {
  if (one.work !== undefined) one.calls = countCalls(one.work, one.argument, Number(milliseconds))
}
const result = Object.fromEntries(Object.keys(MESSAGES).map((shape) => [shape, {}]))
for (const { shape, figure, value, work, argument, calls } of measurements) {
  result[shape][figure] = value ?? nsPerCall(work, argument, calls)
}
console.log(JSON.stringify(result))

/** CPU time, including garbage collection: other processes of the machine do not count. */
function nsPerCall(work, argument, calls) {
  const before = process.cpuUsage()
  for (let call = 0; call < calls; call++) work(argument)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / calls
}

/** Warms up. @returns how many calls took `ms` */
function countCalls(work, argument, ms) {
  const endMs = performance.now() + ms
  let calls = 0
  while (performance.now() < endMs) {
    for (let call = 0; call < 10; call++) work(argument)
    calls += 10
  }
  return calls
}

/** Some codecs return a Buffer for bytes: compare their content. */
function asPlain(value) {
  if (value instanceof Uint8Array) return Array.from(value)
  if (Array.isArray(value)) return value.map(asPlain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asPlain(one)]))
}
