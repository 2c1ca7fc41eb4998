/** A small object to another process and back, one at a time: ours beside raw zeromq.js and NATS. */
import { beside, inTurn, medians, ratio, table } from './rounds.js'
import { ends } from './latency-ends.js'
import { withNatsServer } from './nats-server.js'
import { withPair } from './pair.js'

export const about = 'a small object there and back, one in flight'

export const options = {
  exchanges: { default: 20_000, about: 'exchanges per run, after a warm-up of half as many' },
  runs: { default: 5, about: 'runs of each; the figure is their median' },
}

/** @returns both percentiles of every contender, and ours against the raw socket */
export async function run({ exchanges, runs }, say) {
  const { reached, absent } = await withNatsServer((world) => {
    const measure = (name) => exchange(name, world, exchanges)
    const draw = ({ p50, p99 }) => `p50 ${p50.toFixed(0)} µs, p99 ${p99.toFixed(0)} µs`
    return inTurn(Object.keys(ends), { runs, measure, say, draw })
  })
  const p50 = only(reached, 'p50')
  const p99 = only(reached, 'p99')
  return {
    name: 'latency',
    exchanges,
    runs,
    p50Us: medians(p50, 1),
    p99Us: medians(p99, 1),
    p50VsRaw: ratio(p50['rx-cluster'], p50['raw zeromq']),
    p99VsRaw: ratio(p99['rx-cluster'], p99['raw zeromq']),
    requestP50VsRaw: ratio(p50['rx-cluster request'], p50['raw zeromq']),
    absent,
  }
}

/** What `run` returned, for people. */
export function lines({ p50Us, p99Us, p50VsRaw, p99VsRaw, requestP50VsRaw, absent }) {
  const rows = Object.fromEntries(Object.keys(p50Us).map((name) => [name, [p50Us[name], p99Us[name]]]))
  return [
    ...table(['p50 µs', 'p99 µs'], rows, absent),
    beside('p50VsRaw', p50VsRaw, '<= 1.25'),
    beside('p99VsRaw', p99VsRaw, '<= 2'),
    beside('requestP50VsRaw', requestP50VsRaw),
  ]
}

/** One run of one contender. */
function exchange(name, world, exchanges) {
  return withPair('latency', name, world, async ({ near }) => {
    await near.call('pingPong', Math.ceil(exchanges / 2))
    return near.call('pingPong', exchanges)
  })
}

function only(reached, percentile) {
  return Object.fromEntries(Object.entries(reached).map(([name, values]) => [name, values.map((one) => one[percentile])]))
}
