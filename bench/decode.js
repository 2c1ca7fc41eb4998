/**
 * How long one message of `maxMessageValues` keys and values blocks the event loop.
 *
 * Where the kernel tells it (Linux), the figure is the time that the main thread was running, so
 * that other processes do not count.
 */
import { KINDS } from './decode-kinds.js'
import { median } from './contest.js'
import { openCodec } from './adapters.js'
import { readFileSync } from 'node:fs'

export const about = 'messages that take long to decode for their size, of maxMessageValues each'

export const options = {
  values: { default: 65_536, min: 200, about: 'keys and values of a message' },
  runs: { default: 9, about: 'decodings of each kind' },
}

/** The budget that the default of `maxMessageValues` was chosen for. */
const BUDGET_MS = 50

/** @returns milliseconds by kind: the median and the fastest */
export async function run({ values, runs }, log) {
  const codec = await openCodec({ maxMessageValues: values })
  const kinds = {}
  for (const [name, write] of Object.entries(KINDS)) {
    kinds[name] = measureKind(codec, write(values), runs)
    log(`  ${name}: ${kinds[name].medianMs} ms`)
  }
  const slowest = Object.keys(kinds).reduce((one, other) =>
    kinds[other].medianMs > kinds[one].medianMs ? other : one,
  )
  return { name: 'decode', values, runs, budgetMs: BUDGET_MS, ...kinds[slowest], slowest, kinds }
}

/** Draws the result of `run`. */
export function lines({ kinds, slowest, budgetMs }) {
  const rows = Object.entries(kinds).sort(([, one], [, other]) => other.medianMs - one.medianMs)
  const width = Math.max(...rows.map(([name]) => name.length))
  const cells = ([name, { medianMs, fastestMs, bytes }]) => [
    name.padEnd(width),
    ...[medianMs, fastestMs].map((ms) => ms.toFixed(1).padStart(11)),
    bytes,
  ]
  return [
    `  ${''.padEnd(width)}  ms (median)  ms (fastest)  bytes`,
    ...rows.map((row) => `  ${cells(row).join('  ')}`),
    `  slowest: ${slowest}, ${kinds[slowest].medianMs} ms (budget: ${budgetMs} ms)`,
  ]
}

function measureKind(codec, bytes, runs) {
  const times = Array.from({ length: runs }, () => {
    const startMs = runningMs()
    codec.decode(bytes, 0, bytes.length)
    return runningMs() - startMs
  })
  const rounded = (ms) => Math.round(ms * 10) / 10
  return {
    medianMs: rounded(median(times)),
    fastestMs: rounded(Math.min(...times)),
    bytes: bytes.length,
  }
}

function runningMs() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6
  } catch {
    return performance.now()
  }
}
