/** Large messages from one process to another, megabytes per second: ours beside raw zeromq.js. */
import { beside, inTurn, medians, ratio, table } from './rounds.js'
import { ends } from './large-ends.js'
import { withPair } from './pair.js'

export const about = 'messages of 1 MiB, process to process, one way'

export const options = {
  messages: { default: 6_000, about: 'messages per run, of which a fifth warms up' },
  bytes: { default: 1024 * 1024, about: 'bytes of a message', min: 8 },
  runs: { default: 5, about: 'runs of each; the figure is their median' },
}

/** @returns what every contender reached, in millions of bytes per second, and ours against the raw socket, with and without a copy */
export async function run({ messages, bytes, runs }, say) {
  const measure = (name) => perSecond(name, messages, bytes)
  const { reached, absent } = await inTurn(Object.keys(ends), { runs, measure, say, draw: (value) => `${value.toFixed(0)} MB/s` })
  const ours = reached['rx-cluster']
  return {
    name: 'large',
    messages,
    bytes,
    runs,
    megabytesPerSecond: medians(reached),
    vsRaw: ratio(ours, reached['raw zeromq']),
    vsUncopied: ratio(ours, reached['raw zeromq, uncopied']),
    absent,
  }
}

/** What `run` returned, for people. */
export function lines({ megabytesPerSecond, vsRaw, vsUncopied, absent }) {
  const rows = Object.fromEntries(Object.entries(megabytesPerSecond).map(([name, value]) => [name, [value]]))
  return [...table(['MB/s'], rows, absent), beside('vsRaw', vsRaw, '>= 0.7'), beside('vsUncopied', vsUncopied)]
}

/** One run of one contender: from the first send after the warm-up to the last message taken. */
function perSecond(name, messages, bytes) {
  const warmUp = Math.ceil(messages / 5)
  return withPair('large', name, { bytes }, async ({ far, near }) => {
    const move = (from, to) => Promise.all([far.call('taken', to), near.call('send', from, to)])
    await move(0, warmUp)
    const startMs = performance.now()
    await move(warmUp, messages)
    return ((messages - warmUp) * bytes) / 1e6 / ((performance.now() - startMs) / 1000)
  })
}
