/**
 * Small objects from one process to another: rx-cluster, zeromq.js, a bare socket, NATS, Moleculer.
 */
import { goalLine, alternate, medians, ratio, table } from './contest.js'
import { KEYED, worldOf } from './contenders.js'
import { ends } from './throughput-ends.js'
import { withNatsServer } from './nats-server.js'
import { withPair } from './pair.js'

export const about = 'small objects, process to process, one way'

export const options = {
  messages: { default: 1_000_000, about: 'messages per run, of which a fifth warms up' },
  runs: { default: 5, about: 'runs of each; the figure is their median' },
  keys: { default: false, about: 'with keys, beside a bare socket with CURVE' },
}

/** At least this many messages are sent before the measurement. */
const WARM_UP = 50_000

/** A far slower contender sends a share of the messages, so that runs take similar times. */
const SHARES = { moleculer: 0.1 }

/** @returns messages per second of every contender, and ratios to zeromq.js and the bare socket */
export async function run({ messages, runs, keys }, log) {
  const names = keys ? KEYED : Object.keys(ends)
  const keyed = await worldOf(keys)
  const { reached, absent } = await withNatsServer((world) => {
    const measure = (name) =>
      perSecond(name, { ...world, ...keyed }, Math.ceil(messages * (SHARES[name] ?? 1)))
    return alternate(names, {
      runs,
      measure,
      log,
      draw: (value) => `${Math.round(value).toLocaleString('en-US')}/s`,
    })
  })
  const ours = reached['rx-cluster']
  const both = { name: 'throughput', messages, runs, perSecond: medians(reached), absent }
  if (keys) return { ...both, vsCurve: ratio(ours, reached['raw zeromq']) }
  return {
    ...both,
    vsRaw: ratio(ours, reached['raw zeromq']),
    vsNet: ratio(ours, reached['node net']),
  }
}

export const figures = { perSecond: 'higher' }

/** One run of rx-cluster alone. */
export async function measure({ messages }) {
  return { perSecond: Math.round(await perSecond('rx-cluster', {}, messages)) }
}

/** Draws the result of `run`. */
export function lines({ perSecond, vsRaw, vsNet, vsCurve, absent }) {
  const rows = Object.fromEntries(Object.entries(perSecond).map(([name, value]) => [name, [value]]))
  const figuresOfAll = table(['messages/s'], rows, absent)
  if (vsCurve !== undefined) return [...figuresOfAll, goalLine('vsCurve', vsCurve, '>= 4')]
  return [...figuresOfAll, goalLine('vsRaw', vsRaw, '>= 5'), goalLine('vsNet', vsNet)]
}

/** One run of one contender: from the first send after the warm-up to the last delivery. */
function perSecond(name, world, messages) {
  const warmUp = Math.max(WARM_UP, Math.ceil(messages / 5))
  const timed = Math.max(messages - warmUp, WARM_UP)
  return withPair('throughput', name, world, async ({ far, near }) => {
    const move = (from, to) => Promise.all([far.call('received', to), near.call('send', from, to)])
    await move(0, warmUp)
    const startMs = performance.now()
    await move(warmUp, warmUp + timed)
    return timed / ((performance.now() - startMs) / 1000)
  })
}
