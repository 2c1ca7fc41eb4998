/** Small objects from one process to another, messages per second: ours beside raw zeromq.js, a bare socket, NATS and Moleculer. */
import { beside, inTurn, medians, ratio, table } from './rounds.js'
import { ends } from './throughput-ends.js'
import { withNatsServer } from './nats-server.js'
import { withPair } from './pair.js'

export const about = 'small objects, process to process, one way'

export const options = {
  messages: { default: 1_000_000, about: 'messages per run, of which a fifth warms up' },
  runs: { default: 5, about: 'runs of each; the figure is their median' },
}

/** So many messages at least warm each pair up, and are not timed. */
const WARM_UP = 50_000

/** Who is far slower sends fewer, so that a run takes about as long. */
const SHARES = { moleculer: 0.1 }

/** @returns what every contender reached, and ours against the raw socket and the bare one */
export async function run({ messages, runs }, say) {
  const names = Object.keys(ends)
  const { reached, absent } = await withNatsServer((world) => {
    const measure = (name) => perSecond(name, world, Math.ceil(messages * (SHARES[name] ?? 1)))
    return inTurn(names, { runs, measure, say, draw: (value) => `${Math.round(value).toLocaleString('en-US')}/s` })
  })
  const ours = reached['rx-cluster']
  return {
    name: 'throughput',
    messages,
    runs,
    perSecond: medians(reached),
    vsRaw: ratio(ours, reached['raw zeromq']),
    vsNet: ratio(ours, reached['node net']),
    absent,
  }
}

/** What `run` returned, for people. */
export function lines({ perSecond, vsRaw, vsNet, absent }) {
  const rows = Object.fromEntries(Object.entries(perSecond).map(([name, value]) => [name, [value]]))
  return [...table(['messages/s'], rows, absent), beside('vsRaw', vsRaw, '>= 5'), beside('vsNet', vsNet)]
}

/** One run of one contender: from the first send after the warm-up to the last message taken. */
function perSecond(name, world, messages) {
  const warmUp = Math.max(WARM_UP, Math.ceil(messages / 5))
  const timed = Math.max(messages - warmUp, WARM_UP)
  return withPair('throughput', name, world, async ({ far, near }) => {
    const move = (from, to) => Promise.all([far.call('taken', to), near.call('send', from, to)])
    await move(0, warmUp)
    const startMs = performance.now()
    await move(warmUp, warmUp + timed)
    return timed / ((performance.now() - startMs) / 1000)
  })
}
