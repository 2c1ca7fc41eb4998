/** A small object to another process and back, one at a time: rx-cluster, zeromq.js, NATS. */
import { goalLine, alternate, medians, ratio, table } from './contest.js'
import { KEYED, worldOf } from './contenders.js'
import { ends } from './latency-ends.js'
import { withNatsServer } from './nats-server.js'
import { withPair } from './pair.js'

export const about = 'a small object there and back, one in flight'

export const options = {
  exchanges: { default: 20_000, about: 'exchanges per run, after a warm-up of half as many' },
  runs: { default: 5, about: 'runs of each; the figure is their median' },
  keys: { default: false, about: 'with keys, beside a bare socket with CURVE' },
}

/** @returns both percentiles of every contender, and ratios to zeromq.js */
export async function run({ exchanges, runs, keys }, log) {
  const names = keys ? KEYED : Object.keys(ends)
  const keyed = await worldOf(keys)
  const { reached, absent } = await withNatsServer((world) => {
    const measure = (name) => exchange(name, { ...world, ...keyed }, exchanges)
    const draw = ({ p50, p99 }) => `p50 ${p50.toFixed(0)} µs, p99 ${p99.toFixed(0)} µs`
    return alternate(names, { runs, measure, log, draw })
  })
  const p50 = only(reached, 'p50')
  const p99 = only(reached, 'p99')
  const both = {
    name: 'latency',
    exchanges,
    runs,
    p50Us: medians(p50, 1),
    p99Us: medians(p99, 1),
    absent,
  }
  if (keys) return { ...both, vsCurve: ratio(p50['rx-cluster'], p50['raw zeromq']) }
  return {
    ...both,
    p50VsRaw: ratio(p50['rx-cluster'], p50['raw zeromq']),
    p99VsRaw: ratio(p99['rx-cluster'], p99['raw zeromq']),
    requestP50VsRaw: ratio(p50['rx-cluster request'], p50['raw zeromq']),
  }
}

export const figures = {
  p50Us: 'lower',
  p99Us: 'lower',
  requestP50Us: 'lower',
  requestP99Us: 'lower',
}

/** One run of rx-cluster alone, without and with `request`. */
export async function measure({ exchanges }) {
  const plain = await exchange('rx-cluster', {}, exchanges)
  const request = await exchange('rx-cluster request', {}, exchanges)
  const figure = (value) => Math.round(value * 10) / 10
  return {
    p50Us: figure(plain.p50),
    p99Us: figure(plain.p99),
    requestP50Us: figure(request.p50),
    requestP99Us: figure(request.p99),
  }
}

/** Draws the result of `run`. */
export function lines(result) {
  const { p50Us, p99Us, p50VsRaw, p99VsRaw, requestP50VsRaw, vsCurve, absent } = result
  const rows = Object.fromEntries(
    Object.keys(p50Us).map((name) => [name, [p50Us[name], p99Us[name]]]),
  )
  const figuresOfAll = table(['p50 µs', 'p99 µs'], rows, absent)
  if (vsCurve !== undefined) return [...figuresOfAll, goalLine('vsCurve', vsCurve, '<= 1.3')]
  return [
    ...figuresOfAll,
    goalLine('p50VsRaw', p50VsRaw, '<= 1.25'),
    goalLine('p99VsRaw', p99VsRaw, '<= 2'),
    goalLine('requestP50VsRaw', requestP50VsRaw),
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
  return Object.fromEntries(
    Object.entries(reached).map(([name, values]) => [name, values.map((one) => one[percentile])]),
  )
}
