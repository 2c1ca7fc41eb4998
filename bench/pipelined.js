/** Requests and replies with many in flight: rx-cluster, Moleculer, NATS, a bare socket. */
import { goalLine, alternate, medians, ratio, table } from './contest.js'
import { ends } from './pipelined-ends.js'
import { withNatsServer } from './nats-server.js'
import { withPair } from './pair.js'

export const about = 'requests and replies, 64 in flight'

export const options = {
  requests: { default: 100_000, about: 'requests per run, after a warm-up of a fifth as many' },
  inFlight: { default: 64, about: 'requests in flight at any time' },
  runs: { default: 5, about: 'runs of each; the figure is their median' },
}

/** @returns replies per second, and ratios to the fastest library and to the bare socket */
export async function run({ requests, inFlight, runs }, log) {
  const { reached, absent } = await withNatsServer((world) => {
    const measure = (name) => perSecond(name, world, requests, inFlight)
    return alternate(Object.keys(ends), {
      runs,
      measure,
      log,
      draw: (value) => `${Math.round(value).toLocaleString('en-US')}/s`,
    })
  })
  const { 'rx-cluster': ours, 'node net': net, ...others } = reached
  const ratios = Object.values(others)
    .map((theirs) => ratio(ours, theirs))
    .filter((value) => value !== null)
  const vsFastest = ratios.length === 0 ? null : Math.min(...ratios)
  return {
    name: 'pipelined',
    requests,
    inFlight,
    runs,
    perSecond: medians(reached),
    vsFastest,
    vsNet: ratio(ours, net),
    absent,
  }
}

export const figures = { perSecond: 'higher' }

/** One run of rx-cluster alone. */
export async function measure({ requests, inFlight }) {
  return { perSecond: Math.round(await perSecond('rx-cluster', {}, requests, inFlight)) }
}

/** Draws the result of `run`. */
export function lines({ perSecond: reached, vsFastest, vsNet, absent }) {
  const rows = Object.fromEntries(Object.entries(reached).map(([name, value]) => [name, [value]]))
  return [
    ...table(['replies/s'], rows, absent),
    goalLine('vsFastest', vsFastest, '>= 5'),
    goalLine('vsNet', vsNet),
  ]
}

/** One run of one contender. */
function perSecond(name, world, requests, inFlight) {
  return withPair('pipelined', name, world, async ({ near }) => {
    await near.call('requestAll', Math.ceil(requests / 5), inFlight)
    const startMs = performance.now()
    await near.call('requestAll', requests, inFlight)
    return requests / ((performance.now() - startMs) / 1000)
  })
}
