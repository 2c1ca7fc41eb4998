/** Large messages from one process to another: rx-cluster and zeromq.js. */
import { goalLine, alternate, medians, ratio, table } from './contest.js'
import { KEYED, worldOf } from './contenders.js'
import { ends } from './large-ends.js'
import { withPair } from './pair.js'

export const about = 'messages of 1 MiB, process to process, one way'

export const options = {
  messages: { default: 6_000, about: 'messages per run, of which a fifth warms up' },
  bytes: { default: 1024 * 1024, about: 'bytes of a message', min: 8 },
  runs: { default: 5, about: 'runs of each; the figure is their median' },
  keys: { default: false, about: 'with keys, beside a bare socket with CURVE' },
}

/** @returns millions of bytes per second, and ratios to zeromq.js with and without a copy */
export async function run({ messages, bytes, runs, keys }, log) {
  const world = { ...(await worldOf(keys)), bytes }
  const measure = (name) => perSecond(name, messages, world)
  const { reached, absent } = await alternate(keys ? KEYED : Object.keys(ends), {
    runs,
    measure,
    log,
    draw: (value) => `${value.toFixed(0)} MB/s`,
  })
  const ours = reached['rx-cluster']
  const both = {
    name: 'large',
    messages,
    bytes,
    runs,
    megabytesPerSecond: medians(reached),
    absent,
  }
  if (keys) return { ...both, vsCurve: ratio(ours, reached['raw zeromq']) }
  return {
    ...both,
    vsRaw: ratio(ours, reached['raw zeromq']),
    vsUncopied: ratio(ours, reached['raw zeromq, uncopied']),
  }
}

export const figures = { megabytesPerSecond: 'higher' }

/** One run of rx-cluster alone. */
export async function measure({ messages, bytes }) {
  return { megabytesPerSecond: Math.round(await perSecond('rx-cluster', messages, { bytes })) }
}

/** Draws the result of `run`. */
export function lines({ megabytesPerSecond, vsRaw, vsUncopied, vsCurve, absent }) {
  const rows = Object.fromEntries(
    Object.entries(megabytesPerSecond).map(([name, value]) => [name, [value]]),
  )
  const figuresOfAll = table(['MB/s'], rows, absent)
  if (vsCurve !== undefined) return [...figuresOfAll, goalLine('vsCurve', vsCurve, '>= 0.8')]
  return [...figuresOfAll, goalLine('vsRaw', vsRaw, '>= 0.7'), goalLine('vsUncopied', vsUncopied)]
}

/** One run of one contender: from the first send after the warm-up to the last delivery. */
function perSecond(name, messages, world) {
  const { bytes } = world
  const warmUp = Math.ceil(messages / 5)
  return withPair('large', name, world, async ({ far, near }) => {
    const move = (from, to) => Promise.all([far.call('received', to), near.call('send', from, to)])
    await move(0, warmUp)
    const startMs = performance.now()
    await move(warmUp, messages)
    return ((messages - warmUp) * bytes) / 1e6 / ((performance.now() - startMs) / 1000)
  })
}
